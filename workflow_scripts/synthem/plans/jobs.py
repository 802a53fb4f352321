"""What a study will compute: its trainings and the lighter jobs around them, counted from the config."""

from collections import Counter
from math import prod

from synthem.config.data_sets import DATA_SETS
from synthem.config.needs import (
    generator_variant,
    generators_on,
    mask_generator_variant,
    mask_generators_on,
    named_in,
    other_files,
)
from synthem.plans.trainings import TRAININGS, Training
from synthem.storage.naming import BASE

OF_OTHERS = {"membranes": "train_membranes", "pretraining": "pretrain_network", "gans": "train_gan"}


def trainings(study, entries):
    """Every Training of a Study; entries: {name: volume, filled in}."""
    config = study.configs[BASE]
    draws = len(config["labels"]["budgets"]) * config["study"]["replicates"]
    found = []
    for (kind, volume, variant), count in Counter(map(named_in, other_files(study, entries))).items():
        settings, draw = study.configs[variant][kind], "/*/*" if kind == "gans" else ""
        found.append(Training(OF_OTHERS[kind], variant, count, settings, f"{volume}/{variant}{draw}"))
    if config["stylegan"]["wanted"]:
        found += [Training("train_stylegan", BASE, 1, config["stylegan"], volume) for volume in study.targets]
    for rule, variants_on in (("train_gan", generators_on), ("train_mask_generator", mask_generators_on)):
        for volume in study.targets:
            for variant in variants_on(study, entries, volume):
                settings = study.configs[variant][TRAININGS[rule][0]]
                found.append(Training(rule, variant, draws, settings, f"{volume}/{variant}/*/*"))
    for arm in study.trained_arms:
        settings = study.configs[study.arms[arm].variant]["unets"]
        count = draws * config["study"]["seeds"]
        found += [
            Training("train_unet", arm, count, settings, f"{volume}/{arm}/*/*/*") for volume in study.targets
        ]
    return found


def lighter_jobs(study):
    """{rule: number of jobs} of what grows with the study beside trainings: painting, predicting, scoring."""
    config = study.configs[BASE]
    per_set = prod((len(study.targets), len(config["labels"]["budgets"]), config["study"]["replicates"]))
    runs = per_set * config["study"]["seeds"]
    counts = Counter()
    for name, data_set in study.data_sets.items():
        rules = DATA_SETS[data_set["kind"]].rules
        if name in study.invented:
            rules = ("invent_masks", *rules[1:])
        counts.update(dict.fromkeys(rules, per_set))
        if data_set["kind"] == "gan":
            counts["export_synthetic"] += per_set * len(config["exports"]["formats"])
    predicting = {study.first_arm(arm, "unets", "labels", "inference") for arm in study.arms}
    counts["predict_volume"] += len(predicting) * runs
    for rule in ("segment_volume", "score_segmentation"):
        counts[rule] += len(study.arms) * runs
    counts.update(dict.fromkeys(("score_baseline", "score_forest"), per_set))
    return dict(counts)


def parts_of_arms(study, entries, target):
    """{arm: [(rule, arm or variant under which it trains), ...]}: what is trained for one run of each arm.

    A generator counts for every arm that it paints for. A membrane network serves all replicates and arms: it
    counts for none.
    """
    return {
        arm: [
            ("train_unet", study.networks_of(arm)),
            *dict.fromkeys(
                ("train_gan", generator_variant(study, entries, name, target))
                for name in study.generators_of(arm)
            ),
            *dict.fromkeys(
                ("train_mask_generator", mask_generator_variant(study, entries, name, target))
                for name in study.generators_of(arm)
                if name in study.invented
            ),
        ]
        for arm in study.arms
    }

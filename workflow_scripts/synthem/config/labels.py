"""Budgets of labelled slices: what they leave no room for, what would see labels beyond, what draws alike."""

import os
import re

from synthem.config.depth import sees_slices
from synthem.config.messages import contradiction_error
from synthem.config.needs import (
    files_behind,
    masks_beside,
    membrane_network,
    membrane_predictions,
    named_in,
    start_file,
)
from synthem.config.study import in_variant
from synthem.storage.splits import ALL, held_out_of
from synthem.training.validation import needing_validation

LEARNING = ("membranes", "pretraining", "gans", "unets")
TAUGHT = re.compile(r"results/(?:membranes|gans|unets|exports)/([^/]+)/")
UNTAUGHT = "a network that has seen no label beyond the budget"
ANY_STRATEGY = "spread"  # in the place of all where they draw alike: that of config.yaml


def drawing_as_it_acts(labels, budget):
    """{validation, strategy} of the section `labels`, the same for all that draw the same slices of a budget.

    Every strategy draws all slices; and of a number of them, many a share holds out as many. In this order:
    Snakemake takes another one for other settings.
    """
    strategy, share = labels["strategy"], labels["validation"]
    if str(budget) == ALL:
        return {"validation": share, "strategy": ANY_STRATEGY}
    return {"validation": held_out_of(int(budget), share) / int(budget), "strategy": strategy}


def validated_as_it_acts(part, draw):
    """The section of a segmenter, the same however often it is validated where a draw holds no slice out.

    draw: as of `drawing_as_it_acts`. A share of all slices may be none, too, but that only jobs know.
    """
    if draw["validation"]:
        return part
    training = part["training"]
    return part | {"training": training | {"validation": training["validation"] | {"every": 0}}}


def label_contradictions(study, entries):
    """Settings of variants that need labelled slices which a run does not have, or may not see."""
    for variant in dict.fromkeys(arm.variant for arm in study.arms.values()):
        for problem in _without_validation(study.configs[variant]):
            yield in_variant(problem, variant)
    for variant in study.configs:
        for problem in _taught_by_labels(study.configs[variant], study):
            yield in_variant(problem, variant)
    for variant in _told_of_the_source(study):
        yield in_variant(_taught_encoder(membrane_network(study, variant)), variant)
    for variant in dict.fromkeys(variant for _, variant in membrane_predictions(study, entries)):
        for problem in _seen_beyond(study.configs[variant], entries.get(study.source)):
            yield in_variant(problem, variant)


def _without_validation(config):
    """What is chosen on validation slices, with a budget of which none is left to validate on."""
    share = config["labels"]["validation"]
    small = [
        budget for budget in config["labels"]["budgets"] if budget != ALL and not held_out_of(budget, share)
    ]
    if not small:
        return
    why = f"with labels.budgets {max(small)}, of which a share of {share:g} is no slice to validate on"
    for key, found, value in needing_validation(config["unets"]["training"]):
        fix = f"set it to {value}, or raise labels.budgets or labels.validation"
        yield contradiction_error(f"unets.training.{key}", f"{found} {why}", value, fix)
    if config["watershed"]["grid"]:
        fix = "set it to false, or raise labels.budgets or labels.validation"
        yield contradiction_error("watershed.grid", f"true {why}", "false", fix)


def _taught_by_labels(config, study):
    """Networks of a target have learnt from its labels, and what starts from one would see them, too."""
    learning = {key: [study.source] if key == "membranes" else study.targets for key in LEARNING}
    named = [
        (f"{key}.training.start.from", start_file(config[key], volume))
        for key, volumes in learning.items()
        for volume in volumes
    ]
    named.append(("pretraining.semantics", config["pretraining"]["semantics"]))
    for key, path in dict.fromkeys(named):
        found = TAUGHT.match(os.path.relpath(path or "."))  # `./results/unets/...`, and the same in full
        if found and found[1] in study.targets:
            what = f"`{path}`, a network that has learnt from labels of the target"
            fix = "name one of another volume, or of results/pretraining"
            yield contradiction_error(key, what, UNTAUGHT, fix)
        elif path.startswith("results/unets/"):
            fix = "copy it to a place of its own, outside of results/, and name the copy"
            what = f"`{path}`, a U-Net of a volume that this run does not segment: nothing makes it"
            yield contradiction_error(key, what, "a file that is there", fix)


def _told_of_the_source(study):
    """The variants of pre-training behind arms whose `encoder` has learnt from all labels of their target."""
    if study.source not in study.targets:
        return []
    starts = (start_file(study.configs[arm.variant]["unets"], study.source) for arm in study.arms.values())
    behind = map(named_in, files_behind(study, starts))
    variants = (variant for kind, _, variant in behind if kind == "pretraining" and variant in study.configs)
    return [
        one for one in dict.fromkeys(variants) if study.configs[one]["pretraining"]["semantics"] == "encoder"
    ]


def _taught_encoder(path):
    what = f"`encoder`, that of `{path}`, a network that has learnt from labels of the target"
    return contradiction_error(
        "pretraining.semantics", what, UNTAUGHT, "set it to none, or name another source"
    )


def _seen_beyond(config, source):
    """A 3-D network that sees true masks beside the image sees those of slices that nobody has labelled."""
    network = config["membranes"]["network"]
    if sees_slices(network) and source and masks_beside(config, source):
        seen = "which sees the true masks of slices beyond the budget"
        found = f"the structure with {network['kind']}, {seen}"
        fix = "set it to [image], or membranes.network.kind to unet"
        yield contradiction_error("membranes.sees", found, "[image], or a network that sees one slice", fix)

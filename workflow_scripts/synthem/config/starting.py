"""Refuses a `start.from` whose network is of another kind or size, before anything trains."""

import re

from synthem.config.kinds import options_of
from synthem.config.messages import value_error
from synthem.config.needs import masks_beside, named_in, other_networks, start_file, variants_of_generators
from synthem.config.study import in_variant
from synthem.gans.conditions import channels_of

# They draw from nothing but chance: no network that starts from a file is one.
STYLEGANS = re.compile(r"results/(stylegan|mask_generator)/.*")
# The part of a section with the network whose weights go on.
NETWORK = {"unets": "network", "membranes": "network", "gans": "generator"}
SHAPELESS = ("dropout", "kaiming", "patch_slices")  # options of networks that change the shape of no weight
PRETRAINED = "boundless"  # what a pre-training is, and the segmenter with the same weights


def start_contradictions(study, entries):
    """Networks of the run whose first weights are those of another that cannot fit."""
    learning = [("unets", volume, arm.variant) for arm in study.arms.values() for volume in study.targets]
    learning += [("gans", volume, one) for one in variants_of_generators(study) for volume in study.targets]
    for own in dict.fromkeys([*learning, *other_networks(study, entries)]):
        section, volume, variant = own
        if variant not in study.configs:
            continue  # another check has the words for that
        path = start_file(study.configs[variant][section], volume)
        for problem in _unfit(study, entries, own, path):
            yield in_variant(problem, variant)


def _unfit(study, entries, own, path):
    key, other = f"{own[0]}.training.start.from", named_in(path)
    if STYLEGANS.fullmatch(path):
        fix = "name another file, or set it to empty"
        yield value_error(key, f"`{path}`, a StyleGAN", f"a network of `{own[0]}`", fix)
    if not other or other == own or other[2] not in study.configs:
        return
    here, there = (_shape(study.configs[one[2]], one[0], entries.get(one[1])) for one in (own, other))
    if study.configs[own[2]][own[0]]["training"]["start"].get("layers"):
        here.pop("depth", None)  # the first layers of a deeper network have the same weights
    for word, wanted in here.items():
        found = there.get(word)
        if None not in (found, wanted) and found != wanted:
            said = f"`{path}`, whose {word} is {found}, for a network whose {word} is {wanted}"
            fix = f"name another file, or give both the same {word}"
            yield value_error(key, said, f"the {word} {wanted}", fix)
            return  # of another kind all else is another, too


def _shape(config, section, entry):
    """{word: value} of what decides whether the weights of a network fit; None where nothing is known."""
    part = config[section]
    if section == "pretraining":
        kind, options = PRETRAINED, part["generator"]
    else:
        kind, options = part[NETWORK[section]]["kind"], options_of(part[NETWORK[section]])
    masks = 0
    if section == "membranes":
        masks = len(masks_beside(config, entry)) if entry else None
    elif section == "gans":
        masks = len(channels_of(part["conditions"], one_hot=part["one_hot"]))
    sizes = {word: value for word, value in options.items() if word not in SHAPELESS}
    return {"kind": kind} | sizes | {"number of masks": masks}

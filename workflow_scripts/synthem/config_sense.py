"""What the schema cannot see: names that point nowhere, and values that contradict each other."""

import re

from synthem.config_words import did_you_mean, reads_as_number, value_error
from synthem.errors import SynthemError

GROUPS = ("masks", "labels", "withheld")


def contradictions(config, *, sound):
    """Problems between keys. In a config that is not `sound` by the schema, as far as it can be read."""
    problems = []
    for check in (
        _roles,
        _masks,
        _membranes,
        _arms,
        _phantoms,
        _names,
        _patches,
        _split,
        _filter,
        _bends,
        _tiles,
    ):
        try:
            problems += check(config)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
            if sound:
                raise
    return problems


def _roles(config):
    for role in ("source", "target"):
        yield from _one_of(role, config[role], config["volumes"])


def _masks(config):
    """The structure is marked in source and target, the membrane in the source."""
    structure = config["structure"]
    for role, needed in (("source", [structure, "membrane"]), ("target", [structure])):
        masks = config["volumes"].get(config[role], {"masks": needed})["masks"]
        for mask in dict.fromkeys(needed):
            if isinstance(mask, str) and mask not in masks:
                fix = (
                    f"add it, or name a {role} that has it; the embedded larva has mitochondria and membrane"
                )
                found = f"no mask `{mask}` among {', '.join(masks) or 'none'}"
                yield _reference(f"volumes.{config[role]}.masks", found, f"a mask `{mask}`", fix)


def _membranes(config):
    if config["structure"] == "membrane":
        fix = "the membrane is what synthesis adds; name another"
        yield _reference("structure", "`membrane`", "any other mask", fix)
    for name, volume in config["volumes"].items():
        for mask in sorted(set(volume["masks"]) & set(volume.get("withheld", {}))):
            where, fix = f"volumes.{name}.withheld", "a withheld mask must not be given as a mask"
            yield _reference(where, f"`{mask}` is also in masks", "it in one of the two", fix)


def _arms(config):
    for arm in config["experiment"]["arms"]:
        yield from _one_of("experiment.arms", arm, config["arms"])
    reference = config["experiment"]["reference"]
    yield from _one_of("experiment.reference", reference, config["experiment"]["arms"])
    if "synthetic" in config["arms"].get(reference, []):
        found, fix = f"`{reference}`, which uses synthetic data", "compare with an arm of real data alone"
        yield value_error("experiment.reference", found, "an arm without it", fix)
    for arm in ("mixed", "synthetic"):  # the report says what these two are
        if config["arms"].get(arm) == ["real"]:
            yield value_error(
                f"arms.{arm}", "no synthetic data", "synthetic data", "give this arm another name"
            )


def _phantoms(config):
    for role in ("source", "target"):
        volume = config["volumes"].get(config[role], {"image": ""})
        groups = (volume.get(group, {}).values() for group in GROUPS)
        for files in [volume["image"], *(files for group in groups for files in group)]:
            phantom = re.match(r"results/phantoms/([^/]+)", files)
            if phantom:
                yield from _one_of(f"volumes.{config[role]}", phantom.group(1), config["phantoms"])


def _names(config):
    """Names stand in tables and paths, where some words have another meaning."""
    named = {section: list(config[section]) for section in ("volumes", "phantoms", "arms")}
    for volume, parts in config["volumes"].items():
        named |= {f"volumes.{volume}.{group}": list(parts.get(group, {})) for group in GROUPS}
        if "image" in parts["masks"]:
            where, fix = f"volumes.{volume}.masks.image", "rename it: the export has a folder `image` already"
            yield value_error(where, "a mask named `image`", "another name", fix)
    if "threshold" in config["arms"]:
        fix = "rename it: tables call the trivial baseline so"
        yield value_error("arms.threshold", "an arm named `threshold`", "another name", fix)
    for where, names in named.items():
        for name in names:
            if isinstance(name, str) and (reads_as_number(name) or name in ("True", "False")):
                fix = "add a letter: tables would read it as a value"
                yield value_error(f"{where}.{name}", f"a name that reads as the value {name}", "a word", fix)


def _patches(config):
    """A network halves its patch `depth` times, and something must be left."""
    for where, network in (("membranes", "network"), ("unets", "network"), ("gans", "generator")):
        depth, patch = config[where][network]["depth"], config[where]["training"]["patch"]
        smallest = 2**depth * (1 if where == "gans" else 2)  # the innermost level of pix2pix may be 1 x 1
        if depth <= 64 and patch < smallest:
            fix = f"raise it, or lower {where}.{network}.depth"
            expected = f"at least {smallest} for depth {depth}"
            yield value_error(f"{where}.training.patch", f"{patch}", expected, fix)


def _split(config):
    validation, test = config["split"]["validation"], config["split"]["test"]
    if max(validation, test) < 1 <= validation + test:
        found = f"validation {validation:g} and test {test:g} leave nothing to train on"
        yield value_error("split", found, "a sum below 1", "lower one of them")


def _filter(config):
    made, kept = config["synthesis"]["masks"]["slices"], config["synthesis"]["filter"]["least_kept"]
    if kept > made:
        fix = "lower it, or raise synthesis.masks.slices"
        yield value_error("synthesis.filter.least_kept", f"{kept} of {made} slices", f"at most {made}", fix)


def _bends(config):
    """Masks that are bent further than half of the distance over which the bending changes fold over."""
    masks = config["synthesis"]["masks"]
    furthest = masks["elastic_scale_nm"] / 2
    if masks["elastic_nm"] > furthest:
        fix = "lower it, or raise synthesis.masks.elastic_scale_nm"
        found = f"{masks['elastic_nm']:g}"
        yield value_error(
            "synthesis.masks.elastic_nm", found, f"at most {furthest:g}, half of the scale", fix
        )


def _tiles(config):
    tile, halo = config["inference"]["tile"], config["inference"]["halo"]
    if halo >= tile:
        yield value_error("inference.halo", f"{halo}", f"less than the tile, {tile}", "lower it")


def _one_of(where, name, known):
    if name not in known:
        fix = did_you_mean(name, known) or "define it, or name another"
        yield _reference(where, f"`{name}`", f"one of {', '.join(map(str, known)) or 'none'}", fix)


def _reference(where, found, expected, fix):
    return SynthemError("CONFIG_REFERENCE", where, found, expected=expected, fix=fix)

"""What the schema cannot check: names of things that do not exist, and values that contradict each other."""

import os
import re
from functools import partial

from synthem.config.applying import apply_contradictions
from synthem.config.arms import unread_sections
from synthem.config.conditions import condition_contradictions, mask_contradictions
from synthem.config.differences import same_arms
from synthem.config.entries import STACKS, sources_of, stacks_of
from synthem.config.gans import (
    gan_contradictions,
    invented_mask_contradictions,
    mask_generator_contradictions,
    stylegan_contradictions,
)
from synthem.config.kinds import options_of
from synthem.config.labels import label_contradictions
from synthem.config.messages import one_of, reads_as_number, reference_error, value_error
from synthem.config.needs import other_networks
from synthem.config.papers import paper_contradictions
from synthem.config.quiz import quiz_contradictions
from synthem.config.segmenters import arm_contradictions, segmenter_contradictions
from synthem.config.sheets import sheet_contradictions
from synthem.config.starting import start_contradictions
from synthem.config.watershed import watershed_contradictions
from synthem.gans.conditions import MEMBRANE, is_map, names_of
from synthem.metrics.definitions import BASELINES
from synthem.storage.naming import BASE
from synthem.storage.splits import folds_of

SECTIONS_OF_NAMES = ("volumes", "phantoms", "arms", "data_sets", "variants", "sheets")
GROUPS = ("masks", "labels", "withheld")


def contradictions(config, study, entries, *, sound):
    """Problems between keys. study: None where it cannot be made out; entries: volumes of the run, filled in.

    In a config that is not `sound` by the schema: as far as it can be read.
    """
    of_config = (_roles, _membrane, _names, _split, *OF_SETTINGS)
    of_config += (stylegan_contradictions, paper_contradictions)
    checks = [partial(check, config) for check in of_config]
    checks += [partial(check, config, entries) for check in (_masks, _withheld, _phantoms, _mixed)]
    if study:
        of_study = (
            _others,
            unread_sections,
            same_arms,
            sheet_contradictions,
            _measured,
            mask_contradictions,
            invented_mask_contradictions,
            arm_contradictions,
            start_contradictions,
            label_contradictions,
            quiz_contradictions,
            apply_contradictions,
        )
        checks += [partial(check, study, entries) for check in of_study]
    problems = []
    for check in checks:
        problems += _as_far_as_it_reads(check, sound)
    if study:
        of_variants = partial(_of_variants, study, {str(problem) for problem in problems})
        problems += _as_far_as_it_reads(of_variants, sound)
    return problems


def _as_far_as_it_reads(check, sound):
    try:
        return list(check())
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        if sound:
            raise
        return []


def _of_variants(study, known):
    """Problems that the settings of a variant have, and those of the file have not."""
    for name, config in study.configs.items():
        for check in OF_SETTINGS if name != BASE else ():
            for problem in check(config):
                if str(problem) not in known:
                    yield problem.below(f"variants.{name}")


def _roles(config):
    for number, name in enumerate(config["targets"]):
        yield from one_of(f"targets.{number}", name, config["volumes"], fix=f"add volumes.{name}")


def _measured(study, entries):
    """There are images to measure."""
    if study.configs[BASE]["realism"]["wanted"] and not study.painters:
        found, fix = "true, and no data set of the run has a generator", "set it to false, or add an arm"
        yield value_error("realism.wanted", found, "false, or a data set of the kind gan", fix)


def _others(study, entries):
    """Volumes beside the targets are asked for what the run learns on them, and for nothing else."""
    volumes, structure = study.configs[BASE]["volumes"], study.configs[BASE].get("structure")
    for name in study.of_kind("volume"):
        volume = study.data_sets[name]["volume"]
        if volume in entries and structure not in entries[volume]["masks"]:
            fix = f"add it, or leave data_sets.{name} out"
            yield _no_mask(f"volumes.{volume}.masks", structure, entries[volume]["masks"], fix)
    for kind, name, variant in other_networks(study, entries):
        where = "source" if name == study.source else f"results/{kind}/{name}"
        yield from one_of(where, name, volumes, fix=f"add volumes.{name}")
        yield from one_of(f"results/{kind}/{name}/{variant}", variant, study.configs, fix="name a variant")
        if variant not in study.configs:
            continue
        words = study.configs[variant]["gans"]["conditions"]
        painted = names_of([word for word in words if not is_map(word)], structure)
        masks = entries[name]["masks"] if name in entries else painted
        if kind == "membranes" and "membrane" not in masks:
            fix = "name a source that has it, as the embedded larva, give the target a mask `membrane`, or "
            fix += "set gans.conditions to [structure]"
            yield _no_mask(f"volumes.{name}.masks", "membrane", masks, fix)
        if kind == "gans" and name not in study.targets:
            fix = "add it, or name another network in gans.training.start.from"
            missing = [mask for mask in painted if mask not in masks]
            yield from (_no_mask(f"volumes.{name}.masks", mask, masks, fix) for mask in missing)


def _masks(config, entries):
    """The structure is marked in all stacks of the targets: it is what every arm learns."""
    structure = config.get("structure")
    for name in config.get("targets", []):
        if name not in entries:
            continue  # another check has the words for that
        for where, stack in stacks_of(name, entries[name]).items():
            if structure not in stack["masks"]:
                fix = "add it, rename the mask that shows it, or name another structure"
                if where.endswith(".test") and not stack["masks"] and not stack["labels"]:
                    fix = "add it, or move the image to apply.stacks: there it is segmented and not scored"
                yield _no_mask(f"{where}.masks", structure, stack["masks"], fix)


def _no_mask(where, mask, masks, fix):
    found = f"no mask `{mask}` among {', '.join(masks) or 'none'}"
    return reference_error(where, found, f"a mask `{mask}`", fix)


def _membrane(config):
    if config["structure"] == MEMBRANE:
        found = f"`{MEMBRANE}`, what generators paint on beside the structure"
        fix = (
            "name the mask and the structure `membranes`, as `make new` does, and write "
            "`gans: {conditions: [structure]}`: the same would be predicted and painted on twice"
        )
        yield reference_error("structure", found, "a mask of another name", fix)


def _withheld(config, entries):
    for name, entry in entries.items():
        for mask in sorted(set(entry["masks"]) & set(entry["withheld"])):
            where, fix = f"volumes.{name}.withheld", "a withheld mask must not be given as a mask"
            yield reference_error(where, f"`{mask}` is also in masks", "it in one of the two", fix)
        own = [block for block in STACKS if entry[block]]
        if entry["withheld"] and own:
            found = f"a true mask beside {' and '.join(own)} stacks of their own"
            fix = "cut all blocks from the stack that it belongs to"
            yield value_error(f"volumes.{name}.withheld", found, "one stack", fix)


def _phantoms(config, entries):
    for name, entry in entries.items():
        for source in sources_of(entry):
            phantom = re.match(r"results/phantoms/([^/]+)", source)
            if phantom:
                yield from one_of(f"volumes.{name}", phantom.group(1), config["phantoms"])
            elif re.match(r"results/(?!phantoms/)", os.path.relpath(source)):
                fix = "name your own files; to go on with it, copy it out of results/: runs write it anew"
                yield value_error(f"volumes.{name}", f"`{source}`, which is made of volumes", "a source", fix)


def _mixed(config, entries):
    """A file with the keys that differ changes an embedded volume, where a user meant one of their own."""
    for name, entry in entries.items():
        image, *others = sources_of(entry)
        embedded = [source for source in others if source.startswith("results/phantoms/")]
        if embedded and not image.startswith("results/phantoms/"):
            found = f"an image of your own beside {', '.join(embedded)}, which the embedded `{name}` has"
            fix = "give your volume another name, and name it in targets"
            yield value_error(f"volumes.{name}", found, "masks of the image", fix)


def _names(config):
    """Names stand in tables and paths, where some words have another meaning."""
    named = {section: list(config[section]) for section in SECTIONS_OF_NAMES}
    named["apply.stacks"] = list(config["apply"]["stacks"])
    for volume, parts in config["volumes"].items():
        named |= {f"volumes.{volume}.{group}": list(parts.get(group, {})) for group in GROUPS}
        if "image" in parts.get("masks", {}):
            where, fix = f"volumes.{volume}.masks.image", "rename it: the export has a folder `image` already"
            yield value_error(where, "a mask named `image`", "another name", fix)
    for arm in BASELINES.keys() & config["arms"].keys():
        fix = "rename it: tables call an answer without a network so"
        yield value_error(f"arms.{arm}", f"an arm named `{arm}`", "another name", fix)
    for where, names in named.items():
        for name in names:
            if isinstance(name, str) and (reads_as_number(name) or name.upper() in ("TRUE", "FALSE")):
                fix = "add a letter: tables would read it as a value"
                yield value_error(f"{where}.{name}", f"a name that reads as the value {name}", "a word", fix)
        yield from _alike(where, [name for name in names if isinstance(name, str)])


def _alike(where, names):
    """Names become folders, and macOS, Windows and many shared disks take `Mine` and `mine` for one."""
    first = {}
    for name in sorted(names):
        other = first.setdefault(name.casefold(), name)
        if other != name:
            found, fix = (
                f"`{other}` and `{name}`, the same but for capitals",
                "rename one: some disks mix them up",
            )
            yield value_error(where, found, "names that differ in more", fix)


def _patches(config):
    """A network halves its patch `depth` times, and something must be left."""
    for where, network in (("membranes", "network"), ("unets", "network"), ("gans", "generator")):
        kind, patch = config[where][network]["kind"], config[where]["training"]["patch"]
        depth = options_of(config[where][network]).get("depth", 0)
        smallest = 2**depth * (1 if where == "gans" else 2)  # the innermost level of pix2pix may be 1 x 1
        if depth <= 64 and patch < smallest:
            fix = f"raise it, or lower {where}.{network}.{kind}.depth"
            expected = f"at least {smallest} for depth {depth}"
            yield value_error(f"{where}.training.patch", f"{patch}", expected, fix)


def _snapshots(config):
    """No network is kept after steps that its training does not take."""
    for section in ("membranes", "gans", "mask_generator", "pretraining", "stylegan", "unets"):
        training = config[section]["training"]
        late = [step for step in training["snapshots"] if step > training["steps"]]
        if late:
            where, found = f"{section}.training", f"{late[0]} of {training['steps']} steps"
            fix = f"lower it, or raise {where}.steps"
            yield value_error(f"{where}.snapshots", found, f"at most {training['steps']}", fix)


def _split(config):
    most = folds_of(config["split"]["test"])
    folds = {"split.fold": config["split"]["fold"]}
    folds |= {f"volumes.{name}.fold": entry.get("fold", 0) for name, entry in config["volumes"].items()}
    for where, fold in folds.items():
        if fold > most:
            expected = f"at most round(1 / test) = {most}"
            yield value_error(where, f"{fold}", expected, "lower it, or split.test")


def _filter(config):
    made, kept = config["synthesis"]["masks"]["slices"], config["synthesis"]["filter"]["least_kept"]
    if kept > made:
        fix = "lower it, or raise synthesis.masks.slices"
        yield value_error("synthesis.filter.least_kept", f"{kept} of {made} slices", f"at most {made}", fix)


def _bends(config):
    """Masks that are bent further than half of the distance over which the bending changes fold over."""
    masks = config["synthesis"]["masks"]["bent"]
    furthest = masks["elastic_scale_nm"] / 2
    if masks["elastic_nm"] > furthest:
        fix = "lower it, or raise synthesis.masks.bent.elastic_scale_nm"
        found = f"{masks['elastic_nm']:g}"
        yield value_error(
            "synthesis.masks.bent.elastic_nm", found, f"at most {furthest:g}, half of the scale", fix
        )


def _tiles(config):
    tile, halo = config["inference"]["tile"], config["inference"]["halo"]
    if halo >= tile:
        yield value_error("inference.halo", f"{halo}", f"less than the tile, {tile}", "lower it")
    turns, learnt = config["inference"]["turns"], config["unets"]["target"]["kind"]
    if turns > 1 and learnt == "affinities":
        fix = "set it to 1: affinities have directions, and turned they are others"
        yield value_error("inference.turns", f"{turns} with unets.target.kind: {learnt}", "1", fix)


# Checks of one variant's settings alone, whatever arms have it.
OF_SETTINGS = (
    segmenter_contradictions,
    _patches,
    _snapshots,
    _filter,
    _bends,
    _tiles,
    condition_contradictions,
    mask_generator_contradictions,
    gan_contradictions,
    watershed_contradictions,
)

"""What a study needs beside its targets: membranes from somewhere, other networks, other volumes."""

import re
from itertools import combinations

from synthem.gans.conditions import MEMBRANE
from synthem.storage.naming import BASE
from synthem.storage.splits import folds_of

# Networks of these kinds are trained on a volume of their own, and others may start from them.
OTHERS = re.compile(
    r"results/(membranes|pretraining|gans)/([^/]+)/([^/]+)/(?:budget-[^/]+/replicate-[^/]+/)?network[.]pt"
)

LEARNT = ("membranes.sees", "membranes.network", "membranes.training")  # what changes a membrane network


def membranes_from(config, entries, target):
    """Whose membranes a generator of the target paints on: `target`, `source` by a network, or `none`.

    config: of the generator's variant; entries: {name: volume, filled in}. A target with a mask of its
    membranes needs no network.
    """
    if MEMBRANE not in config["gans"]["conditions"]:
        return "none"
    return "target" if MEMBRANE in entries.get(target, {}).get("masks", {}) else "source"


def generator_variant(study, entries, data_set, target):
    """The variant under whose name the generator of a data set is trained."""
    return _first_alike(study, entries, data_set, target, "gans", "labels")


def mask_generator_variant(study, entries, data_set, target):
    """The variant under whose name the generator of its masks is trained."""
    return _first_alike(study, entries, data_set, target, "mask_generator", "gans.conditions", "labels")


def _first_alike(study, entries, data_set, target, *sections):
    """The variant whose name a network of a data set has; it may learn predicted membranes."""
    variant = study.variant_of(data_set)
    predicted = membranes_from(study.configs[variant], entries, target) == "source"
    return study.alike(variant, *sections, *(("membranes", "inference") if predicted else ()))


def generators_on(study, entries, target):
    """The variants under whose names generators of images are trained on a target."""
    variants = (generator_variant(study, entries, name, target) for name in study.painters)
    return list(dict.fromkeys(variants))


def mask_generators_on(study, entries, target):
    """The variants under whose names generators of masks are trained on a target."""
    variants = (mask_generator_variant(study, entries, name, target) for name in study.invented)
    return list(dict.fromkeys(variants))


def variants_of_generators(study):
    """The variants under which generators are trained."""
    return list(dict.fromkeys(study.variant_of(name) for name in study.painters))


def membrane_predictions(study, entries):
    """[(volume, variant)] of the membranes that a network predicts, for generators and for the gallery."""
    wanted = [
        (target, variant)
        for variant in variants_of_generators(study)
        for target in study.targets
        if membranes_from(study.configs[variant], entries, target) == "source"
    ]
    wanted += [
        (target, variant)
        for variant in study.gallery.membranes
        for target in study.targets
        if MEMBRANE not in entries.get(target, {}).get("masks", {})
    ]
    return list(
        dict.fromkeys((target, study.alike(variant, "membranes", "inference")) for target, variant in wanted)
    )


def other_networks(study, entries):
    """[(kind, volume, variant)] of the networks that are trained for others to use, of the kinds OTHERS."""
    return list(dict.fromkeys(map(named_in, other_files(study, entries))))


def named_in(path):
    """(kind, volume, variant) of the file of a network of the kinds OTHERS; None of another file."""
    named = OTHERS.fullmatch(path)
    return named and named.groups()


def other_files(study, entries):
    """The files of these networks: of generators, one for each draw of labels that is named."""
    learning = [("unets", arm.variant) for arm in study.arms.values()]
    learning += [("gans", variant) for variant in variants_of_generators(study)]
    waiting = [
        start_file(study.configs[variant][section], target)
        for section, variant in learning
        for target in study.targets
    ]
    waiting += [membrane_network(study, variant) for _, variant in membrane_predictions(study, entries)]
    waiting += [membrane_network(study, variant) for variant in study.gallery.membranes]
    waiting += [
        f"results/pretraining/{target}/{variant}/network.pt"
        for variant in study.gallery.pretraining
        for target in study.targets
    ]
    return files_behind(study, waiting)


def files_behind(study, waiting):
    """Of these files those of networks of the kinds OTHERS, and all others that they start or learn from."""
    found, waiting = [], list(waiting)
    while waiting:
        path = waiting.pop(0)
        if named_in(path) and path not in found:
            found.append(path)
            waiting += _needed_by(study, *named_in(path))
    return found


def membrane_network(study, variant):
    """The network that learns membranes on the source."""
    return f"results/membranes/{study.source}/{study.alike(variant, *LEARNT)}/network.pt"


def teaching_volumes(study, entries):
    """The names of volumes from which something is learnt for the targets."""
    names = [name for _, name, _ in other_networks(study, entries)]
    return list(dict.fromkeys(names + [study.data_sets[name]["volume"] for name in study.of_kind("volume")]))


def volumes_of(study, entries):
    """The names of all volumes that a run reads, the targets last."""
    names = teaching_volumes(study, entries)
    return [*(name for name in names if name not in study.targets), *study.targets]


def folds_of_one_stack(study, entries):
    """Pairs of targets that may be one stack, tested in turn: with a `fold` each, none a teacher of others.

    Pre-training of each on itself, `results/pretraining/{volume}/...`, tells no other one anything.
    """
    teaching, last = _teaching_others(study, entries), folds_of(study.configs[BASE]["split"]["test"])
    tested = {
        name: entries[name]["fold"] or last
        for name in study.targets
        if "fold" in entries[name] and name not in teaching
    }
    return [(one, other) for one, other in combinations(tested, 2) if tested[one] != tested[other]]


def _teaching_others(study, entries):
    """The names of volumes from which something is learnt for a target that is another one."""
    names = {study.data_sets[name]["volume"] for name in study.of_kind("volume")}
    learning = [("unets", arm.variant) for arm in study.arms.values()]
    learning += [("gans", variant) for variant in variants_of_generators(study)]
    for target in study.targets:
        first = [start_file(study.configs[variant][section], target) for section, variant in learning]
        first += [
            membrane_network(study, variant)
            for name, variant in membrane_predictions(study, entries)
            if name == target
        ]
        names |= {named_in(path)[1] for path in files_behind(study, first)} - {target}
    return names


def masks_beside(config, entry):
    """The masks that a membrane network sees beside the image: the structure, where its volume has it."""
    structure = config["structure"]
    return [structure] if structure in entry["masks"] and "structure" in config["membranes"]["sees"] else []


def start_file(section, volume):
    """The file that a network of a section starts from on a volume: the `{volume}` of its name."""
    return section["training"]["start"]["from"].replace("{volume}", volume)


def _needed_by(study, kind, volume, variant):
    """The files of networks that one of this kind starts from, or learns from."""
    if variant not in study.configs:
        return []
    section = study.configs[variant][kind]
    named = [start_file(section, volume)]
    if kind == "pretraining":
        word = section["semantics"]
        named.append(membrane_network(study, variant) if word == "encoder" else word)
    return named

"""PatchSets of segmenters from files: image, masks beside it, target."""

from synthem.labels.targets import interior_target, is_of_labels, labels_with_unknown, steps_of
from synthem.patches.places import PatchSet
from synthem.storage.arrays import read_array
from synthem.storage.ignore import either
from synthem.storage.splits import runs_of
from synthem.storage.volumes import read_facts, read_ignore


def structure_examples(name, path, block, *, structure, target):
    """The PatchSet of a structure: image -> the config's `target` of it.

    Of the slices `block` (ranges) of a volume; None means all.
    """
    image, ignore = read_array(path, "image", block=block), read_ignore(path, structure, block=block)
    runs = runs_of(block or ((0, len(image)),), linked=read_facts(path).linked)
    if not is_of_labels(target):
        mask = read_array(path, f"masks/{structure}", block=block)
        return PatchSet(name, image, target=mask, ignore=ignore, runs=runs)
    labels, steps = read_array(path, f"labels/{structure}", block=block), steps_of(target)
    if steps:
        labels = labels_with_unknown(labels, ignore)
        return PatchSet(name, image, ignore=ignore, labels=labels, steps=tuple(steps), runs=runs)
    made, ignore = interior_target(labels, ignore, target, runs=runs)
    return PatchSet(name, image, target=made, ignore=ignore, runs=runs)


def membrane_examples(name, path, slices, *, beside):
    """The PatchSet of some slices (ranges): image and masks `beside` -> membrane; unknown where one is."""
    return PatchSet(
        name,
        read_array(path, "image", block=slices),
        {mask: read_array(path, f"masks/{mask}", block=slices) for mask in beside},
        read_array(path, "masks/membrane", block=slices),
        either(*(read_ignore(path, mask, block=slices) for mask in (*beside, "membrane"))),
        runs=runs_of(slices, linked=read_facts(path).linked),
    )

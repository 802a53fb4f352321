"""Pairs of image and mask that need no generator: labelled slices, what is made of them, and the controls."""

from dataclasses import replace

import numpy as np

from synthem.seeds import generator
from synthem.storage.arrays import read_array
from synthem.storage.ignore import blanked
from synthem.storage.splits import slice_numbers
from synthem.storage.volumes import Volume, open_volume, read_facts, read_ignore, read_labels

MEMBRANE = "membrane"


def labelled_pairs(path, block, *, structure):
    """The slices `block` (ranges) of a volume as a volume of their own: what pairs may be made of.

    With mask and labels of the structure and, where somebody has drawn one, the mask `membrane`; they are 0
    where they are unknown. No other slice is read.
    """
    with open_volume(path) as volume:
        names = [name for name in (structure, MEMBRANE) if name in volume.names("masks")]
    ignore = {name: read_ignore(path, name, block=block) for name in names}
    masks = {name: read_array(path, f"masks/{name}", block=block) for name in names}
    volume = Volume(
        image=read_array(path, "image", block=block),
        facts=replace(read_facts(path), provenance={}),  # its own tells of all slices
        masks={name: blanked(mask, ignore[name]) for name, mask in masks.items()},
        labels=read_labels(path, structure, block=block),
        ignore={name: unknown for name, unknown in ignore.items() if unknown is not None},
    )
    return made_pairs(volume, origin="real", sources=slice_numbers(block))


def made_pairs(volume, *, origin, sources):
    """The volume as one whose slices stand for themselves, all to train on.

    origin: what made them; sources: the number of the labelled slice that each image comes from, or None.
    """
    provenance = {**volume.facts.provenance, "origin": origin}
    if sources is not None:
        provenance["source_slices"] = [int(z) for z in sources]
    facts = replace(
        volume.facts,
        blocks={"train": ((0, len(volume.image)),)},
        own_stacks=(),
        tiles=(),
        linked=False,
        provenance=provenance,
    )
    return replace(volume, facts=facts)


def copied(volume):
    """The same pairs again: what learns from them beside the real ones must be no better and no worse."""
    return made_pairs(volume, origin="copies", sources=source_slices_of(volume))


def mismatched(volume, *, seed):
    """Each image with the masks of another slice, drawn by the seed: what learns from them must be worse."""
    count = len(volume.image)
    if count == 1:  # no other one is there: its own masks, upside down
        others = with_each(volume, lambda array: array[:, ::-1, ::-1])
    else:
        circle = generator(seed, "mismatched").permutation(count)
        partner = np.empty(count, int)
        partner[circle] = np.roll(circle, 1)
        others = slices_at(volume, partner)
    made = replace(others, image=volume.image)
    return made_pairs(made, origin="mismatched", sources=source_slices_of(volume))


def slices_at(volume, places):
    """A volume of the slices at these places, in this order, perhaps several times: a copy."""
    return with_each(volume, lambda array: array[places])


def with_each(volume, change):
    """A volume with change(array) in the place of its image, and of each array that belongs to that."""
    parts = {
        part: {name: change(array) for name, array in getattr(volume, part).items()}
        for part in ("masks", "labels", "ignore")
    }
    return replace(volume, image=change(volume.image), **parts)


def source_slices_of(volume):
    """The number of the labelled slice that each image comes from; None where its masks were invented."""
    return volume.facts.provenance.get("source_slices")

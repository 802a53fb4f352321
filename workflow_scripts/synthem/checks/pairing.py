"""Whether a mask belongs to its image: by the numbers in the names of slices, and no copy of another file."""

import os
import re

import numpy as np

from synthem.checks.findings import data_value_error
from synthem.errors import SynthemError
from synthem.storage.naming import count_text


def compare_names(finding, image, stack, placement, labelled):
    """An error where a slice has no partner; a warning where all numbers are moved by as much.

    Compared are those that lie upon each other. `labelled`, the slices that the config names, count from 0:
    masks with just these numbers in their names belong to other slices where the image's begin with 1.
    """
    if not (image.names and stack.names):
        return
    places = np.flatnonzero(placement.slices >= 0)
    images = [image.names[z] for z in places]
    names = [stack.names[own] for own in placement.slices[places]]
    wanted, given = keys_of(images), keys_of(names)
    if wanted == given or not (_numbers(wanted + given) or image.shapes):
        return
    if given == labelled:
        raise _counted_otherwise(finding, images[0], names[0], labelled[0], wanted[0] - labelled[0])
    if len(names) < 2:
        return
    counted = _numbers(given) and given == list(range(given[0], given[0] + len(given)))
    if labelled and counted and len(names) == stack.shape[0]:
        finding.warn(f"numbered {given[0]} to {given[-1]}: taken for labelled_slices in order")
        return
    steps = {b - a for a, b in zip(wanted, given, strict=True)} if _numbers(wanted + given) else ()
    if len(steps) == 1:
        finding.warn(
            f"numbered {given[0]} to {given[-1]}, the image {wanted[0]} to {wanted[-1]}: paired in order"
        )
        return
    raise SynthemError(
        "DATA_SHAPE",
        finding.source,
        _unpaired(images, wanted, given) or _unpaired(names, given, wanted) or "another order",
        expected="a slice for every slice of the image, by the names",
        fix="name both alike, or remove what has no partner",
    )


def _counted_otherwise(finding, image, name, slice_number, first):
    return SynthemError(
        "DATA_SHAPE",
        finding.source,
        f"{name} lies on slice {slice_number}, which is {image}: the files of the image begin with {first}",
        expected="labelled_slices counted from 0",
        fix=f"take {first} from each number of labelled_slices",
    )


def keys_of(names):
    """The part in which the names of a folder differ: as a number where it is one, else as text."""
    stems = [name.rsplit(".", 1)[0] for name in names]
    start = re.sub(r"\d+$", "", os.path.commonprefix(stems))  # numbers are not cut
    stems = [stem[len(start) :] for stem in stems]
    end = re.sub(r"^\d+", "", os.path.commonprefix([stem[::-1] for stem in stems])[::-1])
    stems = [stem[: len(stem) - len(end)] for stem in stems]
    return [int(stem) if re.fullmatch(r"[0-9]+", stem) else stem for stem in stems]


def _numbers(keys):
    return all(isinstance(key, int) for key in keys)


def _unpaired(names, keys, others):
    lonely = [name for name, key in zip(names, keys, strict=True) if key not in set(others)]
    if not lonely:
        return ""
    have = "has" if len(lonely) == 1 else "have"
    return f"{len(lonely)} of {count_text(len(names), 'slice')} {have} no partner, the first is {lonely[0]}"


def refuse_copy(finding, seen, image, others):
    """A mask with the voxels of the image or of another mask is the wrong file.

    seen: the SeenMask; image: the SeenImage of its stack, None where that was not readable; others {part:
    SeenMask} of it.
    """
    same = [part for part, mask in others.items() if mask.digests == seen.digests]
    if image and tuple(image.digests) == seen.raw:
        same.insert(0, "image")
    if same:
        found, fix = f"the same voxels as {same[0]}", "give the file of this mask"
        raise data_value_error(finding.source, found, "a mask of its own", fix)

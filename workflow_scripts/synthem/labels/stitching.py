"""Connected parts and holes of volumes larger than memory, block by block."""

from itertools import product

import numpy as np

from synthem.kernels.compiling import kernel
from synthem.kernels.components import label_components
from synthem.kernels.neighbourhoods import pair_of_views, steps_to
from synthem.kernels.unions import roots_of, unite
from synthem.labels.numbering import with_numbers
from synthem.storage.scratch import slabs

BLOCK = (16, 1024, 1024)  # voxels; labelling one takes 130 MiB


def boxes_of(shape, block):
    """Boxes (a slice per axis) of at most `block` voxels a side that cover the volume, in zyx order."""
    starts = [range(0, length, side) for length, side in zip(shape, block, strict=True)]
    for corner in product(*starts):
        yield tuple(
            slice(start, min(start + side, length))
            for start, side, length in zip(corner, block, shape, strict=True)
        )


def label_in_blocks(inside, labels, *, neighbours, block=BLOCK):
    """Write the connected parts of a mask into `labels` uint32 [Z, Y, X]; return their number.

    inside: gives the mask, bool, of a box (a slice per axis). Exactly `label_components` of the whole mask,
    ids included. In memory: one block, a layer two voxels thick, and a few numbers per part of a block.
    """
    first = [np.zeros(1, np.int64)]  # where in the volume a part of a block begins
    total = 0
    for box in boxes_of(labels.shape, block):
        ids, count = label_components(inside(box), neighbours=neighbours)
        first.append(_first_places(ids, count, box, labels.shape))
        np.add(ids, np.uint32(total), out=ids, where=ids > 0)
        labels[box] = ids
        total += count
    if all(side <= most for side, most in zip(labels.shape, block, strict=True)):
        return total
    parents = np.arange(total + 1)
    for here, there in _pairs_across_faces(labels, block, neighbours):
        _unite_across(parents, np.ascontiguousarray(here), np.ascontiguousarray(there))
    roots = roots_of(parents)
    numbers, count = _numbers_by_place(roots, np.concatenate(first))
    with_numbers(labels, numbers)
    return count


def fill_holes_in_blocks(mask, *, zeros, block=BLOCK):
    """Fill the holes of a mask bool [Z, Y, X] in place: what a way through faces of voxels cannot leave.

    In a single slice its top and bottom are no way out.
    """
    around = zeros(mask.shape, np.uint32)
    count = label_in_blocks(lambda box: ~mask[box], around, neighbours=6, block=block)
    faces = [around[:, 0], around[:, -1], around[:, :, 0], around[:, :, -1]]
    if len(mask) > 1:
        faces += [around[0], around[-1]]
    hole = np.ones(count + 1, bool)
    hole[0] = False  # the mask itself
    for face in faces:
        hole[face] = False
    for slab in slabs(mask.shape):
        mask[slab] |= hole[around[slab]]


def _first_places(ids, count, box, shape):
    """Flat place in the volume of the first voxel of each part 1..count."""
    places = np.empty(count, np.int64)
    _find_first(ids.reshape(-1), places)
    inside = np.unravel_index(places, ids.shape)
    return np.ravel_multi_index([side.start + at for side, at in zip(box, inside, strict=True)], shape)


@kernel
def _find_first(ids, places):
    """Ids are numbered in the order of their first voxels."""
    found = 0
    for place in range(len(ids)):
        if ids[place] > found:
            places[found] = place
            found += 1


def _pairs_across_faces(labels, block, neighbours):
    """Ids beside each other across the faces between blocks: a pair of arrays for each cut and step."""
    for axis in range(3):
        steps = [step for step in steps_to(neighbours) if step[axis] == 1]
        for cut in range(block[axis], labels.shape[axis], block[axis]):
            layer = [slice(None)] * 3
            layer[axis] = slice(cut - 1, cut + 1)
            ids = labels[tuple(layer)]
            for step in steps:
                yield tuple(ids[views].reshape(-1) for views in pair_of_views(ids.shape, step))


@kernel
def _unite_across(parents, here, there):
    """Make one of the parts of each pair; 0 is none. Equal pairs come in runs."""
    one, other = 0, 0
    for place in range(len(here)):
        if here[place] > 0 and there[place] > 0 and (here[place] != one or there[place] != other):
            one, other = here[place], there[place]
            unite(parents, np.int64(one), np.int64(other))


def _numbers_by_place(roots, first):
    """1..n for the united parts, in the order of their first voxels; 0 stays 0."""
    earliest = np.full(len(roots), np.iinfo(np.int64).max)
    np.minimum.at(earliest, roots[1:], first[1:])
    united = np.unique(roots[1:])
    numbers = np.zeros(len(roots), np.uint32)
    numbers[united[np.argsort(earliest[united])]] = np.arange(1, len(united) + 1)
    return numbers[roots], len(united)

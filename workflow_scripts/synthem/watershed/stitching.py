"""Volumes larger than memory: work block by block, with ids that go on across the faces of blocks."""

from itertools import product

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.components import label_components
from synthem.kernels.neighbourhoods import pair_of_views, steps_to
from synthem.kernels.unions import unite_pairs
from synthem.watershed.membranes import segment_cells

TOUCHING = np.ones((1, 3, 3), bool)


def boxes_of(shape, block):
    """Boxes (a slice per axis) of at most `block` voxels a side that cover the volume, in zyx order."""
    starts = [range(0, length, side) for length, side in zip(shape, block, strict=True)]
    for corner in product(*starts):
        yield tuple(
            slice(start, min(start + side, length))
            for start, side, length in zip(corner, block, shape, strict=True)
        )


def label_in_blocks(mask, labels, *, block, neighbours):
    """Write the connected parts of a mask into `labels` (both [Z, Y, X], arrays or HDF5); their number.

    Exactly `label_components` of the whole volume, ids included. In memory: one block, a layer two voxels
    thick, and a few numbers per part of a block.
    """
    first = [np.zeros(1, np.int64)]  # where in the volume a part of a block begins
    total = 0
    for box in boxes_of(mask.shape, block):
        ids, count = label_components(np.asarray(mask[box], bool), neighbours=neighbours)
        labels[box] = np.where(ids > 0, ids + np.uint32(total), 0).astype(np.uint32)
        first.append(_first_places(ids, count, box, mask.shape))
        total += count
    pairs = _pairs_across_faces(labels, mask.shape, block, neighbours)
    roots = unite_pairs(total + 1, np.concatenate([np.zeros((0, 2), np.int64), *pairs]))
    numbers, count = _numbers_by_place(roots, np.concatenate(first))
    for box in boxes_of(mask.shape, block):
        labels[box] = numbers[labels[box]]
    return count


def _first_places(ids, count, box, shape):
    """Flat place in the volume of the first voxel of each part 1..count."""
    places = np.unique(ids, return_index=True)[1][-count:] if count else np.zeros(0, np.int64)
    inside = np.unravel_index(places, ids.shape)
    return np.ravel_multi_index([side.start + at for side, at in zip(box, inside, strict=True)], shape)


def _pairs_across_faces(labels, shape, block, neighbours):
    """Ids [N, 2] that are neighbours across a face between blocks, one array per cut and step."""
    for axis in range(3):
        steps = [step for step in steps_to(neighbours) if step[axis] == 1]
        for cut in range(block[axis], shape[axis], block[axis]):
            layer = [slice(None)] * 3
            layer[axis] = slice(cut - 1, cut + 1)
            ids = labels[tuple(layer)]
            for step in steps:
                here, there = (ids[views] for views in pair_of_views(ids.shape, step))
                both = (here > 0) & (there > 0)
                yield np.unique(np.stack([here[both], there[both]], 1).astype(np.int64), axis=0)


def _numbers_by_place(roots, first):
    """1..n for the united parts, in the order of their first voxels; 0 stays 0."""
    earliest = np.full(len(roots), np.iinfo(np.int64).max)
    np.minimum.at(earliest, roots[1:], first[1:])
    united = np.unique(roots[1:])
    numbers = np.zeros(len(roots), np.uint32)
    numbers[united[np.argsort(earliest[united])]] = np.arange(1, len(united) + 1)
    return numbers[roots], len(united)


def close_in_blocks(interior, closed, *, block, halo, interior_threshold, marker_radius, **settings):
    """`membrane_watershed` in blocks: write the interior that it leaves (1) into `closed`; both [Z, Y, X].

    Each block is seen with `halo` pixels around it in y and x. Whatever fits in there with room to spare is
    as it is in the whole slice, for a part of the interior is flooded for itself. Returns how many voxels
    are not sure to be: those of parts that reach the end of the halo, or lie within a marker's radius of
    such a part. 0: `label_in_blocks` of the result, in a slice, is `segment_cells` of the whole slices.
    """
    if settings["most_markers"] is not None:
        raise SynthemError(
            "CONFIG_VALUE",
            "most_markers",
            settings["most_markers"],
            expected="null when a slice is cut into blocks: a block does not know the markers of the others",
            fix="raise marker_radius instead",
        )
    unsure = 0
    for box in boxes_of(interior.shape, block):
        wide, inner = _with_halo(box, interior.shape, halo)
        probability = np.asarray(interior[wide])
        labels = segment_cells(
            probability, interior_threshold=interior_threshold, marker_radius=marker_radius, **settings
        )
        closed[box] = labels[inner] > 0
        reach = max(marker_radius, settings["segment_reach"])
        unsure += int(_unsure(probability > interior_threshold, wide, interior.shape, reach)[inner].sum())
    return unsure


def _with_halo(box, shape, halo):
    """The box with a halo in y and x, as far as the volume goes, and where the box lies in that."""
    halos = (0, halo, halo)
    wide = tuple(
        slice(max(side.start - more, 0), min(side.stop + more, length))
        for side, more, length in zip(box, halos, shape, strict=True)
    )
    inner = tuple(
        slice(side.start - around.start, side.stop - around.start)
        for side, around in zip(box, wide, strict=True)
    )
    return wide, inner


def _unsure(inside, wide, shape, reach):
    """Voxels of parts that may look different in the whole slice."""
    parts, _ = label_components(
        inside, neighbours=8
    )  # lines of parts that meet at a corner may be one segment
    near_cut = np.zeros(inside.shape, bool)
    for axis in (1, 2):
        if wide[axis].start > 0:
            near_cut[(slice(None),) * axis + (slice(0, reach + 1),)] = True
        if wide[axis].stop < shape[axis]:
            near_cut[(slice(None),) * axis + (slice(-reach - 1, None),)] = True
    cut = np.isin(parts, parts[near_cut & inside]) & inside
    around = ndimage.maximum_filter(cut, (1, 2 * reach + 1, 2 * reach + 1))
    return np.isin(parts, parts[around & inside]) & inside

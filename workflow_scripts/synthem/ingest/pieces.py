"""The stacks that make up a volume, and where each lies in it.

In z: the main stack, then the stacks of their own, validation and test; the first joins the train block.
In y and x: all begin at 0; the smaller ones are filled up by reflection, and what is filled up is unknown.
Masks and labels lie in their image slice upon slice, on the slices that are named as labelled, or at their
offset.
"""

from dataclasses import dataclass

import numpy as np

from synthem.errors import SynthemError
from synthem.storage.naming import count_text
from synthem.storage.splits import gap_in_slices, split_slices

OWN = ("validation", "test")  # stacks of their own that a volume may have, in the order of z


def pieces_of(volume):
    """The stacks of a volume: {block: {"image", "masks", "labels", ...}}; the main one is "", the first."""
    own = {block: volume[block] for block in OWN if volume[block]}
    return {"": volume} | own


def blocks_of(volume, depths, split, voxel_size_nm):
    """{"train" | "test" | ...: ranges of slices}; depths {stack: its slices}, split {test, gap_nm, fold}."""
    own = {block: depth for block, depth in depths.items() if block}
    named = {block: entry["labelled_slices"] for block, entry in pieces_of(volume).items()}
    labelled = {block: slices for block, slices in named.items() if slices}
    gap = (
        0 if volume["tiles"] else gap_in_slices(split["gap_nm"], voxel_size_nm[0])
    )  # tiles are no neighbours
    chosen = {"test": split["test"], "fold": split["fold"], "gap_slices": gap}
    return split_slices(depths[""], **chosen, own=own, labelled=labelled)


def refuse_beyond(image, labelled):
    """An error where `labelled` names slices that the image does not have."""
    depth = image.shape[0]
    if labelled and max(labelled) >= depth:
        found = f"labelled_slices names slice {max(labelled)}, the image has {depth}"
        expected = f"slices from 0 to {depth - 1}"
        raise SynthemError(
            "DATA_SHAPE", image.source, found, expected=expected, fix="correct labelled_slices"
        )


def voxel_size_of(volume, image, where):
    """Size of a voxel (z, y, x) in nm: the config's, else the file's."""
    known = volume["voxel_size_nm"] or image.voxel_size_nm
    if not known:
        raise SynthemError(
            "DATA_VALUE",
            where,
            "unknown: it is in neither the file nor the config",
            expected="the size of a voxel in nm, z, y, x",
            fix=f"give {where}: [z, y, x]",
        )
    return tuple(float(size) for size in known)


def sizes_of(image):
    """Size (y, x) of every slice of an image."""
    return image.shapes or (image.shape[1:3],) * image.shape[0]


def common_frame(images):
    """The size (y, x) that holds every slice of all stacks."""
    return tuple(max(image.shape[axis] for image in images) for axis in (1, 2))


def filled_up(planes, frame):
    """Planes [n, y, x(, c)] -> [n, *frame(, c)], by reflection."""
    missing = [(0, whole - size) for whole, size in zip(frame, planes.shape[1:3], strict=True)]
    if not any(after for _, after in missing):
        return planes
    return np.pad(planes, [(0, 0), *missing, *[(0, 0)] * (planes.ndim - 3)], mode="reflect")


@dataclass(frozen=True)
class Placement:
    """Where a mask, or labels, lie in their image: slice by slice, and from which y and x on."""

    slices: np.ndarray  # int, for each slice of the image: its own, -1 where it has none or none that counts
    y: int = 0
    x: int = 0

    def runs(self, first, end):
        """(slice of the image, own slice, count): what to read for the image's slices `first` to `end`."""
        own = self.slices[first:end]
        places = np.flatnonzero(own >= 0)
        cuts = np.flatnonzero((np.diff(places) != 1) | (np.diff(own[places]) != 1)) + 1
        runs = (run for run in np.split(places, cuts) if len(run))
        return [(first + int(run[0]), int(own[run[0]]), len(run)) for run in runs]

    def slabs(self, stack):
        """(slice of the image, own slice, planes) of all that counts, in the order of the image."""
        for z, own, count in self.runs(0, len(self.slices)):
            for done in range(0, count, stack.step):
                here = min(stack.step, count - done)
                yield z + done, own + done, stack.read(own + done, own + done + here)


def placement_in(image, stack, voxel_size_nm, labelled):
    """Where a mask or labels lie in their image; `labelled`: the slices that are known, [] for all."""
    depth, sizes = image.shape[0], sizes_of(image)
    slices, counted = np.full(depth, -1), np.array(labelled or range(depth))
    if stack.shape[0] == depth and sizes_of(stack) == sizes:
        slices[counted] = counted
        return Placement(slices)
    if labelled and sizes_of(stack) == tuple(sizes[z] for z in labelled):
        slices[counted] = np.arange(len(counted))
        return Placement(slices)
    if stack.offset_nm is None or stack.shapes:
        raise _misfit(image, stack, labelled)
    z, y, x = _origin_in(image, stack, voxel_size_nm)
    slices[z : z + stack.shape[0]] = np.arange(stack.shape[0])
    slices[np.setdiff1d(np.arange(depth), counted)] = -1
    return Placement(slices, y, x)


def _origin_in(image, stack, voxel_size_nm):
    """(z, y, x) in voxels of the first voxel, by the offsets."""
    apart = np.subtract(stack.offset_nm, image.offset_nm or (0, 0, 0)) / voxel_size_nm
    origin = tuple(int(place) for place in np.rint(apart))
    words = f"shape {stack.shape} from {apart.round(3).tolist()} voxels on"
    if np.abs(apart - origin).max() > 0.01:  # sizes and offsets are written with few digits
        found, fix = f"{words}, by their offsets", "correct the offsets or voxel_size_nm"
        raise _mismatch(stack, found, "an offset of whole voxels", fix)
    ends = np.add(origin, stack.shape)
    if min(origin) < 0 or (ends > image.shape[:3]).any():
        fix = "correct the offsets, or use files that belong together"
        raise _mismatch(stack, words, f"it to lie inside the image, {image.shape[:3]}", fix)
    return origin


def _misfit(image, stack, labelled):
    if stack.shape == image.shape[:3]:  # tiles, of which one differs
        pairs = zip(sizes_of(stack), sizes_of(image), strict=True)
        tile, (size, wanted) = next((z, pair) for z, pair in enumerate(pairs) if pair[0] != pair[1])
        name = stack.names[tile] if stack.names else f"tile {tile}"
        fix = "use files that belong together"
        return _mismatch(
            stack, f"{name} has {size[0]} x {size[1]}", f"{wanted[0]} x {wanted[1]} as the image", fix
        )
    count, depth = stack.shape[0], image.shape[0]
    if count < depth and stack.shape[1:] == image.shape[1:3]:
        return _misnamed(stack, count, depth, labelled)
    if sorted(stack.shape) == sorted(image.shape[:3]):
        found = f"shape {stack.shape}, the image {image.source} has {image.shape[:3]}: one of them is turned"
        return _mismatch(stack, found, "both z, y, x", "transpose the one whose first axis is not z")
    fix = "use files that belong together"
    if not image.shapes and count == depth and _are_scaled(stack.shape[1:], image.shape[1:3]):
        fix = "save the mask at the size of the image, without interpolation"
    elif not image.shapes and stack.shape[1:] == image.shape[1:3]:
        fix = "remove the slices of the mask that the image does not have"
    return _mismatch(stack, f"shape {stack.shape}", f"{image.shape[:3]} as the image", fix)


def _are_scaled(size, other):
    """Whether one size (y, x) is the other one enlarged, alike along both axes."""
    (y, x), (other_y, other_x) = size, other
    return abs(y * other_x - x * other_y) < max(y, x, other_y, other_x)  # but for rounding


def _misnamed(stack, count, depth, labelled):
    """Fewer slices than the image has, and not known to which of them they belong."""
    found = f"{count_text(count, 'slice')}, the image has {depth}"
    if labelled:
        found, expected = (
            f"{found}, labelled_slices names {len(labelled)}",
            f"{len(labelled)} or {depth} slices",
        )
        return _mismatch(stack, found, expected, f"correct labelled_slices: it has to name {count}")
    fix = (
        f"name these slices beside `image`, like labelled_slices: [0-{count - 1}]; or give all {depth}, "
        "and name those that are labelled"
    )
    return _mismatch(stack, found, f"{depth} slices, or labelled_slices that name {count}", fix)


def _mismatch(stack, found, expected, fix):
    return SynthemError("DATA_SHAPE", stack.source, found, expected=expected, fix=fix)

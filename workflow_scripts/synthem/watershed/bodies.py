"""Probability -> instances: a tuned threshold, then a watershed on the distance to the border."""

from math import prod

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.compiling import kernel
from synthem.kernels.distance import distance_to_border
from synthem.kernels.filtering import smooth_volume
from synthem.kernels.hills import find_hills, find_saddles, levels_of
from synthem.kernels.neighbourhoods import within_frame
from synthem.kernels.summits import find_summits, keep_hills
from synthem.kernels.threads import each_slice
from synthem.labels.numbering import labelled, sizes_of, without_small
from synthem.labels.stitching import fill_holes_in_blocks, label_in_blocks
from synthem.storage.ignore import only_known
from synthem.storage.scratch import slabs
from synthem.watershed.linking import link_slices

# The border of a mask is rough, so a long body has a small maximum of the distance at every bump. Two
# measures keep it whole: the distance is smoothed over a quarter of the seed distance, and a maximum
# counts only if it rises two voxels above the saddle to the next one. A noisy mask of the hippocampus
# phantom (9 mitochondria, smallest_nm3 2e5) has 17 instances without them, 11 and 10 with one, 9 with both.
SMOOTHING = 0.25  # of seed_distance_nm
LEAST_RISE = 2.0  # sides of a voxel, the smallest
LEAST_RISE_OF_PROBABILITY = 0.02  # five of the steps in which probabilities are stored
WORTH_THREADS = 2**22  # voxels around a part that has several threads; smaller ones are cut side by side
LEVELS = 1000  # in the least rise: the last digit of a float would make many maxima of one flat ridge


def tune_threshold(probability, truth, ignore=None, *, thresholds):
    """The threshold with the best IoU of the known voxels: float32, {0, 1} and {0, 1} [Z, Y, X] -> dict.

    threshold, validation_iou, curve: one {"threshold", "iou"} per threshold, reason: "" or why there is
    no IoU. Ties go to the threshold nearest to 0.5, then to the lower one. Without any true voxel there is
    nothing to tune on: the threshold nearest to 0.5, and None for every IoU.
    """
    _check(probability)
    if probability.shape != truth.shape:
        raise SynthemError(
            "DATA_SHAPE",
            "truth",
            f"shape {truth.shape}",
            expected=f"the shape of the probability, {probability.shape}",
            fix="give truth and probability of the same slices",
        )
    probability, truth = only_known(probability, ignore), only_known(truth, ignore).astype(bool)
    known = bool(truth.any())
    curve = [
        {"threshold": float(t), "iou": _iou(probability >= t, truth) if known else None} for t in thresholds
    ]
    # Rounded, for 0.3 and 0.7 are equally far from 0.5 but not in binary.
    best = min(curve, key=lambda p: (-(p["iou"] or 0.0), round(abs(p["threshold"] - 0.5), 9), p["threshold"]))
    return {
        "threshold": best["threshold"],
        "validation_iou": best["iou"],
        "curve": curve,
        "reason": "" if known else "the validation slices have no voxel known to be of the structure",
    }


def segment_instances(
    probability,
    voxel_size_nm,
    *,
    linked,
    threshold,
    seeds,
    seed_distance_nm,
    smallest_nm3,
    fill_holes,
    per_slice,
    link_overlap,
    threads=1,
    zeros=np.zeros,
):
    """float32 [Z, Y, X] -> labels uint32 [Z, Y, X], ids 1..n, 0 = none; unlinked slices one by one.

    The mask is probability >= threshold. Each of its connected parts is cut where it is narrow: from seeds at
    least seed_distance_nm apart grows a watershed. Parts smaller than smallest_nm3 are removed; a smaller
    piece of a large part joins its neighbour. The faces of the volume are no border: a body that is cut by
    one goes on behind it.

    seeds        distance: maxima of the distance to the border (nm); probability: of the smoothed one
    fill_holes   background that the mask encloses, in the volume or in the slice, becomes mask
    per_slice    each slice by itself; its instances then are one with those of the next slice where their
                 IoU is at least link_overlap (0: never), and what is linked is one for smallest_nm3
    """
    _check(probability)
    voxel, together = np.asarray(voxel_size_nm, float), linked and not per_slice
    smallest, linking = smallest_nm3 / voxel.prod(), linked and per_slice and link_overlap > 0
    settings = {"seeds": seeds, "voxel": voxel, "apart": seed_distance_nm, "threads": threads}

    def label(stack):
        parts = _parts(stack, threshold, fill_holes, zeros)
        return _cut_all(parts, stack, smallest=0 if linking else smallest, zeros=zeros, **settings)

    labels = labelled(label, probability, linked=together, zeros=zeros)
    return without_small(link_slices(labels, overlap=link_overlap), smallest) if linking else labels


def _parts(probability, threshold, fill_holes, zeros):
    """Connected parts of the mask, 1..n, as uint32."""
    mask, parts = zeros(probability.shape, bool), zeros(probability.shape, np.uint32)
    for slab in slabs(mask.shape):
        mask[slab] = probability[slab] >= threshold
    if fill_holes:
        fill_holes_in_blocks(mask, zeros=zeros)
    label_in_blocks(mask.__getitem__, parts, neighbours=26)
    return parts


def _cut_all(parts, probability, *, smallest, threads, zeros, **settings):
    labels, boxes, sizes = zeros(parts.shape, np.uint32), ndimage.find_objects(parts), sizes_of(parts)
    counts = np.zeros(len(sizes), np.uint32)

    def cut(number, threads):
        # Part by part: a box around each needs less memory than distances of the whole volume.
        box = tuple(slice(max(side.start - 1, 0), side.stop + 1) for side in boxes[number - 1])
        part = parts[box] == number
        hills, pieces = _cut(part, probability[box], smallest=smallest, threads=threads, **settings)
        for plane, hill in zip(labels[box], hills, strict=True):
            _write_pieces(hill, pieces, plane)
        counts[number] = pieces.max()

    large, small = [], []
    for number in 1 + np.flatnonzero(sizes[1:] >= smallest):
        size = prod(side.stop - side.start for side in boxes[number - 1])
        (large if size >= WORTH_THREADS else small).append(number)
    for number in large:
        cut(number, threads)
    each_slice(lambda place: cut(small[place], 1), len(small), threads)
    before = counts.cumsum(dtype=np.uint32) - counts
    each_slice(lambda z: _number_on(labels[z], parts[z], before), len(labels), threads)
    return labels


def _cut(part, probability, *, seeds, voxel, apart, smallest, threads):
    """One connected part, bool [z, y, x] -> its hills [z, y, x] and the number 1..n of each, 0 for hill 0.

    Of the hills of the height, those that have a seed are left: they are the pieces of the part.
    """
    if part.all() and seeds == "distance":  # fills the whole volume: there is no border to measure from
        return part.view(np.uint8), np.array([0, 1])
    neighbours = 26 if len(part) > 1 else 8
    around = {"neighbours": neighbours, "threads": threads}
    levels, rise = _levels(part, probability, seeds, voxel, apart, **around)
    hills, peaks = find_hills(levels, **around)
    saddles = find_saddles(levels, hills, peaks, **around)
    summits, centres = find_summits(levels, hills, peaks, saddles, rise)
    kept = summits[_far_apart(centres * voxel, peaks[summits], apart)]
    saddles = keep_hills(levels, hills, saddles, kept, **around)
    # Pieces are numbered in the order of their summits in the volume, hills by their heights.
    numbers = kept.argsort()
    sizes = sizes_of(hills)[1:]
    large = (sizes >= smallest) | (np.arange(len(sizes)) == sizes.argmax())
    if not large.all():  # cut again without their seeds, so that the mask keeps its voxels
        keep_hills(levels, hills, saddles, 1 + np.flatnonzero(large), **around)
        numbers = numbers[large].argsort().argsort()
    return within_frame(hills, neighbours), np.append(0, 1 + numbers)


def _levels(part, probability, seeds, voxel, apart, *, neighbours, threads):
    """What pieces are hills of, as whole numbers in a frame, and the least rise between two of them."""
    height, rise = HEIGHTS[seeds](part, probability, voxel, threads)
    smooth_volume(height, SMOOTHING * apart / voxel, threads=threads)
    levels, step = levels_of(height, part, finest=rise / LEVELS, neighbours=neighbours, threads=threads)
    return levels, round(rise / step)


def _distances(part, probability, voxel, threads):
    distance = distance_to_border(part, voxel, threads=threads, dtype=np.float32)
    return distance, LEAST_RISE * voxel.min()


def _probabilities(part, probability, voxel, threads):
    return np.where(part, probability, 0).astype(np.float32, copy=False), LEAST_RISE_OF_PROBABILITY


HEIGHTS = {"distance": _distances, "probability": _probabilities}  # what seeds are maxima of; the least rise


def _far_apart(centres, heights, apart):
    """Which summits are kept, bool [n]: the highest first, each at least so far from all before it."""
    kept = np.zeros(len(centres), bool)
    for summit in np.argsort(-heights, kind="stable"):
        distances = np.linalg.norm(centres[kept] - centres[summit], axis=1)
        kept[summit] = distances.min(initial=np.inf) >= apart
    return kept


@kernel
def _write_pieces(hills, pieces, labels):
    """The pieces of one part, 1..n."""
    for y in range(hills.shape[0]):
        for x in range(hills.shape[1]):
            if hills[y, x] > 0:
                labels[y, x] = pieces[hills[y, x]]


@kernel
def _number_on(labels, parts, before):
    """Pieces 1..n of each part -> numbers that go on from part to part."""
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[y, x] > 0:
                labels[y, x] += before[parts[y, x]]


def _iou(mask, truth):
    return float((mask & truth).sum() / (mask | truth).sum())


def _check(probability):
    unfit = sum(int(np.count_nonzero(~np.isfinite(plane))) for plane in probability)
    if probability.ndim != 3 or unfit:
        raise SynthemError(
            "DATA_VALUE",
            "probability",
            f"shape {probability.shape}, {unfit} voxels not finite",
            expected="finite numbers of shape [z, y, x]",
            fix="delete the probability file and the network it came from, and run again",
        )

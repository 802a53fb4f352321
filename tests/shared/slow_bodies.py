"""One part of a mask cut into bodies step by step with scipy and scikit-image, in 64 bits: slow and plain."""

import numpy as np
from scipy import ndimage
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import relabel_sequential, watershed

CUBE = np.ones((3, 3, 3), bool)  # voxels that share a face, an edge or a corner touch


def slow_bodies(probability, voxel_size_nm, *, threshold, seeds, seed_distance_nm, smallest_nm3):
    """float [Z, Y, X] -> labels int [Z, Y, X], as `segment_instances` cuts a linked volume."""
    voxel = np.asarray(voxel_size_nm, float)
    mask, smallest = probability >= threshold, smallest_nm3 / voxel.prod()
    parts, count = ndimage.label(mask, CUBE)
    labels = np.zeros(mask.shape, int)
    for number in range(1, count + 1):
        part = parts == number
        if part.sum() < smallest:
            continue
        if seeds == "probability":
            height, rise = np.where(part, probability, 0).astype(float), 0.02
        elif part.all():
            return part.astype(int)
        else:
            height, rise = ndimage.distance_transform_edt(part, sampling=voxel), 2 * voxel.min()
        height = ndimage.gaussian_filter(height, seed_distance_nm / 4 / voxel, mode="nearest")
        pieces = _pieces(part, height, rise, voxel, seed_distance_nm, smallest)
        labels[part] = labels.max() + pieces[part]
    return labels


def _pieces(part, height, rise, voxel, apart, smallest):
    seeds = far_apart(*summits(height, part, rise), voxel, apart)
    pieces = watershed(-height, seeds, connectivity=CUBE, mask=part)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    dropped = sizes < smallest
    dropped[[0, sizes.argmax()]] = False
    pieces = watershed(-height, np.where(dropped[seeds], 0, seeds), connectivity=CUBE, mask=part)
    return relabel_sequential(pieces)[0]


def summits(height, part, rise):
    """Ids 1..n of what rises more than `rise` over its surroundings, to that depth; and the floor of each."""
    floor = height[part].min() - 2 * rise
    inside = np.where(part, height, floor)
    flooded = reconstruction(inside - rise, inside)
    # Rounded, or the last digit of a float would make many maxima of one flat ridge.
    flat = np.pad(np.round((flooded - floor) / (rise / 1000)), 1, constant_values=-1)
    maxima = local_maxima(flat, connectivity=3)[1:-1, 1:-1, 1:-1] & part
    ids, count = ndimage.label(maxima, CUBE)
    return ids, ndimage.maximum(flat[1:-1, 1:-1, 1:-1], ids, np.arange(1, count + 1))


def far_apart(ids, floors, voxel, apart):
    """The ids that are kept as seeds: the highest first, each so far from all before it; 0 for the others."""
    numbers = np.arange(1, len(floors) + 1)
    centres = np.asarray(ndimage.center_of_mass(ids > 0, ids, numbers)).reshape(-1, 3) * voxel
    kept = []
    for one in np.argsort(-floors, kind="stable"):
        if not kept or np.linalg.norm(centres[kept] - centres[one], axis=1).min() >= apart:
            kept.append(one)
    return np.where(np.isin(ids, numbers[kept]), ids, 0)

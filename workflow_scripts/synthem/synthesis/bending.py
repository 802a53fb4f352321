"""Bends real pairs: image and mask by one field, the one that bends masks for a generator."""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from synthem.synthesis.masks import movements, new_masks, turned, warp_labels
from synthem.synthesis.pairs import made_pairs, source_slices_of


def bent_pairs(volume, *, slices, elastic_nm, elastic_scale_nm, seed):
    """So many slices made of those of a volume, turned and bent with all that belongs to them.

    Masks and labels are those of `new_masks` with the same settings and seed.
    """
    depth, *shape = volume.image.shape[:3]
    pixel, chosen = volume.voxel_size_nm[1:], {"slices": slices, "seed": seed}
    chosen |= {"elastic_nm": elastic_nm, "elastic_scale_nm": elastic_scale_nm}
    masks, labels, sources = new_masks(volume.masks, volume.labels, volume.voxel_size_nm, **chosen)
    image = np.empty((slices, *volume.image.shape[1:]), volume.image.dtype)
    ignore = {name: np.empty((slices, *shape), np.uint8) for name in volume.ignore}
    for n, (source, turn, bend) in enumerate(movements(depth, shape, pixel, **chosen)):
        image[n] = warp_image(turned(volume.image[source], turn), bend)
        for name, unknown in volume.ignore.items():
            ignore[name][n] = warp_labels(turned(unknown[source], turn), bend)
    made = replace(volume, image=image, masks=masks, labels=labels, ignore=ignore)
    return made_pairs(made, origin="bent", sources=[source_slices_of(volume)[z] for z in sources])


def warp_image(image, bend):
    """Grey levels [Y, X] or [Y, X, C] bent by a displacement [2, Y, X], in their own type.

    By cubic splines: between two pixels, linear interpolation would take half of the noise away, and a
    network could tell bent slices by that.
    """
    colours = image.reshape(*image.shape[:2], -1).astype(np.float32)
    places = np.indices(image.shape[:2]) + bend
    levels = np.iinfo(image.dtype)
    bent = [
        ndimage.map_coordinates(colour, places, order=3, mode="mirror")
        for colour in np.moveaxis(colours, -1, 0)
    ]
    return (
        np.clip(np.rint(np.stack(bent, axis=-1)), levels.min, levels.max)
        .astype(image.dtype)
        .reshape(image.shape)
    )

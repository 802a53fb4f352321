"""Volumes to export, for the tests of every format."""

import numpy as np

from synthem.exports.formats import export
from synthem.storage.volumes import Facts, Volume, open_volume, write_volume

SHAPES = [(3, 101, 99), (2, 7, 5), (2, 1, 512), (1, 6, 4), (3, 5, 3)]  # the last: no colours, though 3 wide
VOXEL_NM = (50.0, 4.0, 5.0)
PLAIN = {"masks": {}, "labels": {}, "ignore": {}}


def noise(shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def make_volume(shape=(3, 7, 5), dtype=np.uint8, **facts):
    """Noise, the mask `mito` with places that nobody knows, labels `cells` up to 60000."""
    image = noise(shape, dtype)
    grey = {"type": np.dtype(dtype).name, "scale": 1.0, "offset": 0.0}
    facts = Facts(**{"voxel_size_nm": VOXEL_NM, "grey": grey} | facts)
    mask = (noise(shape[:3]) > 150).astype(np.uint8)
    labels = noise(shape[:3], np.uint16).astype(np.uint32) % 60_001
    ignore = (noise(shape[:3])[:, ::-1] > 240).astype(np.uint8)
    return Volume(image, facts, {"mito": mask}, {"cells": labels}, {"mito": ignore})


def exported(folder, volume, format, **options):
    """The folder with the export of a volume."""
    write_volume(folder / "volume.h5", volume)
    with open_volume(folder / "volume.h5") as stored:
        export(folder / format, stored, format=format, options=options)
    return folder / format

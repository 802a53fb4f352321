"""Random patches from the canonical store, against zarr-python, TIFF pages and plain h5py.

Goal: at least 10 times as fast as zarr-python for the image.
"""

import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import tifffile
import zarr
from rounds import median_seconds, print_result, ratios
from scipy.spatial import cKDTree

from synthem.patches.reader import PatchReader
from synthem.storage.arrays import PATCH, write_arrays

SHAPE = (20, 1250, 1250)
PATCHES, ROUNDS = 50, 9


def em_like_image(random):
    """Noise hardly compresses, and so do EM images."""
    image = np.empty(SHAPE, np.uint8)
    for plane in image:
        plane[:] = np.clip(140 + 30 * random.standard_normal(SHAPE[1:], np.float32), 0, 255)
    return image


def cell_like_labels(random):
    """800 Voronoi cells, which drift from slice to slice."""
    tree = cKDTree(random.uniform(0, SHAPE[1], (800, 2)))
    plane = tree.query(np.indices(SHAPE[1:]).reshape(2, -1).T)[1].reshape(SHAPE[1:])
    return np.stack([np.roll(plane, (3 * z, 5 * z), (0, 1)) for z in range(SHAPE[0])]).astype(np.uint32) + 1


def readers_of(folder, name, array):
    """{who: function (z, y, x) -> patch}, each with its own copy of the array on the disk."""
    write_arrays(folder / "volume.h5", {name: array}, {})
    dataset = h5py.File(folder / "volume.h5")[name]
    plain = zarr_array(folder / "plain.zarr", array, None)
    packed = zarr_array(folder / "zstd.zarr", array, "auto")
    tifffile.imwrite(folder / "volume.tif", array, compression="zlib", photometric="minisblack")
    pages = tifffile.TiffFile(folder / "volume.tif").pages
    ours = PatchReader(folder / "volume.h5", name)
    return {
        "synthem": lambda z, y, x: ours.read(z, y, x, PATCH),
        "zarr uncompressed": lambda z, y, x: plain[z, y : y + PATCH, x : x + PATCH],
        "zarr zstd": lambda z, y, x: packed[z, y : y + PATCH, x : x + PATCH],
        "TIFF deflate": lambda z, y, x: pages[z].asarray()[y : y + PATCH, x : x + PATCH],
        "h5py": lambda z, y, x: dataset[z, y : y + PATCH, x : x + PATCH],
    }


def zarr_array(path, array, compressors):
    stored = zarr.create_array(
        store=path, shape=array.shape, chunks=(1, PATCH, PATCH), dtype=array.dtype, compressors=compressors
    )
    stored[:] = array
    return zarr.open_array(path, mode="r")


def read_all(reader, places):
    return [reader(*place) for place in places]


def main():
    random = np.random.default_rng(0)
    limits = (SHAPE[0], SHAPE[1] - PATCH + 1, SHAPE[2] - PATCH + 1)
    places = random.integers(0, limits, (PATCHES, 3)).tolist()
    found, different = {}, 0
    for name, array in {"image": em_like_image(random), "labels": cell_like_labels(random)}.items():
        with tempfile.TemporaryDirectory() as folder:
            readers = readers_of(Path(folder), name, array)
            for reader in readers.values():
                different += sum(
                    not np.array_equal(patch, array[z, y : y + PATCH, x : x + PATCH])
                    for patch, (z, y, x) in zip(read_all(reader, places), places, strict=True)
                )
            actions = {who: lambda reader=reader: read_all(reader, places) for who, reader in readers.items()}
            seconds = median_seconds(actions, rounds=ROUNDS)
        for who, spent in seconds.items():
            print(f"{name:6} {who:18} {spent / PATCHES * 1e6:8.0f} us a patch")
        found |= {f"{name}: {peer}": ratio for peer, ratio in ratios(seconds, "synthem").items()}
    if different:
        sys.exit(f"{different} patches differ from the array")
    print_result(
        "storage",
        ratios=found,
        equal={"patches_per_reader": 2 * PATCHES, "different_patches": different},
        libraries=["h5py", "imagecodecs", "numpy", "tifffile", "zarr"],
    )


if __name__ == "__main__":
    main()

"""A raw dataset of nnU-Net v2, so that its network can be trained on the same blocks."""

import math

import numpy as np
import tifffile

from synthem.errors import SynthemError
from synthem.exports.tiff import CLASSIC
from synthem.storage.files import write_json

FOLDERS = {"train": "Tr", "test": "Ts"}


def write_nnunet(root, volume, *, dataset, name, structure):
    """Dataset<NNN>_<name>/: imagesTr, labelsTr (train), imagesTs, labelsTs (test), dataset.json.

    Each range of slices is a case: a stack with its voxel size in a .json file, colours as three channels.
    Where slices are of places of their own (tiles, synthetic ones), each is a case in two dimensions. No case
    has padding.
    These are too few cases for nnU-Net's five folds: train it on all of them, with the fold `all`.
    """
    if structure not in volume.names("masks"):
        raise SynthemError(
            "CONFIG_REFERENCE",
            "exports: nnunet",
            f"the volume {name} has no mask {structure}",
            expected=f"one of: {', '.join(volume.names('masks')) or 'no masks at all'}",
            fix="add the mask to the volume, or leave this format out",
        )
    folder = root / f"Dataset{dataset:03}_{name}"
    cases = list(_ranges(volume))
    for block, first, end in cases:
        case = f"{name}_{block}_z{first:04}"
        _write_case(folder, FOLDERS[block], case, volume, structure, first, end)
    labels = {"background": 0, structure: 1}
    if structure in volume.names("ignore"):
        labels["ignore"] = 2  # nnU-Net wants it to be the highest
    description = {
        "channel_names": {str(c): channel for c, channel in enumerate(_channels(volume))},
        "labels": labels,
        "numTraining": sum(block == "train" for block, _, _ in cases),
        "file_ending": ".tif",
        "overwrite_image_reader_writer": "Tiff3DIO" if volume.facts.linked else "NaturalImage2DIO",
    }
    write_json(folder / "dataset.json", description)


def _ranges(volume):
    """(block, first, end) of every case."""
    for block in FOLDERS:
        for first, end in volume.facts.blocks.get(block, ()):
            if volume.facts.linked:
                yield block, first, end
            else:
                yield from ((block, z, z + 1) for z in range(first, end))


def _write_case(folder, suffix, case, volume, structure, first, end):
    images, labels = folder / f"images{suffix}", folder / f"labels{suffix}"
    for place in (images, labels):
        place.mkdir(parents=True, exist_ok=True)
    y, x = volume.facts.tiles[first] if volume.facts.tiles else volume.shape[1:3]
    if not volume.facts.linked:
        tifffile.imwrite(
            images / f"{case}_0000.tif", volume.read("image", first, end)[0, :y, :x], datetime=False
        )
        tifffile.imwrite(labels / f"{case}.tif", _classes(volume, structure, first)[:y, :x], datetime=False)
        return
    shape = (end - first, y, x)
    for channel, _ in enumerate(_channels(volume)):
        planes = (plane[:y, :x] for plane in _grey(volume, channel, first, end))
        _write_stack(images / f"{case}_{channel:04}.tif", planes, shape, volume.dtype)
    classes = (_classes(volume, structure, z)[:y, :x] for z in range(first, end))
    _write_stack(labels / f"{case}.tif", classes, shape, np.dtype(np.uint8))
    for place in (images, labels):
        write_json(place / f"{case}.json", {"spacing": [float(size) for size in volume.facts.voxel_size_nm]})


def _channels(volume):
    return ("red", "green", "blue", "alpha")[: volume.shape[3]] if len(volume.shape) == 4 else ("EM",)


def _grey(volume, channel, first, end):
    for z in range(first, end):
        plane = volume.read("image", z, z + 1)[0]
        yield plane[..., channel] if plane.ndim == 3 else plane


def _classes(volume, structure, z):
    """0 background, 1 structure, 2 unknown, uint8 [y, x]."""
    mask = volume.read(f"masks/{structure}", z, z + 1)[0]
    if structure not in volume.names("ignore"):
        return mask
    return np.where(volume.read(f"ignore/{structure}", z, z + 1)[0], np.uint8(2), mask)


def _write_stack(path, slices, shape, dtype):
    with tifffile.TiffWriter(path, bigtiff=math.prod(shape) * dtype.itemsize > CLASSIC) as tiff:
        tiff.write(slices, shape=shape, dtype=dtype, photometric="minisblack", datetime=False)

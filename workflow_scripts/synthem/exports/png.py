"""PNG slices: of 8 bits to look at, or of all bits to work with."""

import numpy as np
from imagecodecs import png_encode

from synthem.errors import SynthemError
from synthem.exports.planes import black_and_white, mask_names, planes, tiles

LARGEST = 2**16 - 1


def write_png(root, volume):
    """image/0000.png ... in 8 bits, and masks/<name>/, ignore/<name>/ as 0 and 255.

    16 bits are scaled by the volume's own range, the same for all slices.
    """
    _write_slices(root, "image", as_shown(volume))
    _write_masks(root, volume)


def write_png16(root, volume):
    """image/ as it is stored (8 or 16 bits), masks/ and ignore/ as 0 and 255, labels/<name>/ in 16 bits."""
    names = volume.names("labels")
    largest = {name: max(int(plane.max()) for plane in planes(volume, f"labels/{name}")) for name in names}
    for name, label in largest.items():
        if label > LARGEST:
            raise SynthemError(
                "DATA_VALUE",
                f"labels/{name}",
                f"label {label} does not fit into a 16-bit PNG",
                expected=f"labels of at most {LARGEST}",
                fix="export this volume as napari (32-bit TIFF) instead of png16",
            )
    _write_slices(root, "image", tiles(volume, "image"))
    _write_masks(root, volume)
    for name in largest:
        _write_slices(
            root, f"labels/{name}", (plane.astype(np.uint16) for plane in tiles(volume, f"labels/{name}"))
        )


def as_shown(volume):
    """The image's slices as uint8."""
    if volume.dtype == np.uint8:
        yield from tiles(volume, "image")
        return
    low, high = grey_range(volume)
    shown = np.rint((np.arange(2**16) - low) * (255 / max(high - low, 1)))
    table = np.clip(shown, 0, 255).astype(np.uint8)
    for plane in tiles(volume, "image"):
        yield table[plane]


def grey_range(volume):
    """The 0.1 and 99.9 percentiles of a uint16 image, without padding: a few hot pixels set no range."""
    counts = np.zeros(2**16, np.int64)
    for plane in tiles(volume, "image"):
        counts += np.bincount(plane.ravel(), minlength=2**16)
    below = np.cumsum(counts)
    ranks = np.rint(np.array([0.001, 0.999]) * (below[-1] - 1))
    return [float(value) for value in np.searchsorted(below, ranks, side="right")]


def _write_masks(root, volume):
    for name in mask_names(volume):
        _write_slices(root, name, black_and_white(tiles(volume, name)))


def _write_slices(root, name, slices):
    (root / name).mkdir(parents=True)
    for z, plane in enumerate(slices):
        (root / name / f"{z:04}.png").write_bytes(png_encode(np.ascontiguousarray(plane)))

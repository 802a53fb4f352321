"""Slices of another number of pixels, as publications learnt from: images smoothed, masks by the nearest."""

import numpy as np
from skimage.transform import resize

from synthem.errors import SynthemError

MOST_LARGER = 4  # times: beyond that there is nothing but interpolation
NOT_ALIKE = "tiles, or slices of several sizes"


def resizing_of(volume, frame, *, alike):
    """What `resize` of a filled-in entry makes of slices (y, x) of this size; alike: all slices have it."""
    size = tuple(volume.get("resize") or frame)
    if size == tuple(frame):
        return Resizing(tuple(frame), tuple(frame))
    if not alike:
        raise _refused(
            NOT_ALIKE,
            "slices of one size, of one stack",
            "remove resize, and bring the files themselves to the size that you want",
        )
    if any(new > MOST_LARGER * old for new, old in zip(size, frame, strict=True)):
        found = f"{_words(size)} pixels, more than {MOST_LARGER} times those of the slices, {_words(frame)}"
        raise _refused(found, f"at most {MOST_LARGER} times as many", "lower it")
    return Resizing(tuple(frame), size)


class Resizing:
    """Planes [n, y, x(, c)] of one size to another; of the same size it leaves them alone."""

    def __init__(self, frame, size):
        self.frame, self.size = frame, size
        self.same = frame == size

    def voxel_size_nm(self, voxel_size_nm):
        """Voxel size (z, y, x) of the resized slices, from that of those in the file."""
        z, *pixel = voxel_size_nm
        return (
            z,
            *(side * old / new for side, old, new in zip(pixel, self.frame, self.size, strict=True)),
        )

    def image(self, planes):
        """Grey levels, interpolated; smoothed before, where there are fewer pixels then."""
        if self.same:
            return planes
        made = [
            resize(plane.astype(np.float64), self.size, order=1, anti_aliasing=True, preserve_range=True)
            for plane in planes
        ]
        return np.rint(np.stack(made)).astype(planes.dtype)

    def marks(self, planes):
        """Masks and numbers: each pixel has that of the nearest one."""
        if self.same:
            return planes
        rows, columns = (
            ((np.arange(new) + 0.5) * old / new).astype(int)
            for old, new in zip(self.frame, self.size, strict=True)
        )
        return planes[:, rows][:, :, columns]


def _words(size):
    return " x ".join(map(str, size))


def _refused(found, expected, fix):
    return SynthemError("DATA_SHAPE", "resize", found, expected=expected, fix=fix)

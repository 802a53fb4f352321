"""Metadata of OME-Zarr (NGFF): the path of the finest array, its axes, its voxel size."""

import math
from dataclasses import dataclass
from pathlib import Path

from synthem.errors import SynthemError
from synthem.sources.axes import guessed_axes, named_axes
from synthem.sources.units import size_nm


@dataclass(frozen=True)
class Level:
    """One resolution of an image."""

    path: str | None = None  # of the array, from the group
    names: tuple = ()  # of its axes
    voxel_size_nm: tuple | None = None
    offset_nm: tuple | None = None  # where a translation is written

    def axes(self, where, shape):
        """`Axes` of an array of this shape."""
        axes = named_axes(self.names, shape) if self.names else guessed_axes(shape)
        if not axes:
            sizes = zip(self.names or "?" * len(shape), shape, strict=True)
            raise SynthemError(
                "DATA_SHAPE",
                where,
                "axes " + ", ".join(f"{name} ({size})" for name, size in sizes),
                expected="z, y and x; all others of length 1",
                fix="save one channel and one time",
            )
        return axes


def level_of(folder, read_node):
    """The Level of a group's finest array, or of an array by the metadata of the group around it."""
    own, around = read_node(folder) or {}, {}
    if own.get("node_type") == "array":
        around = read_node(Path(folder).parent) or {}
    for node, name in ((own, None), (around, Path(folder).name)):
        notes = node.get("attributes", {})
        multiscales = notes.get("ome", notes).get("multiscales")
        if multiscales:
            levels = multiscales[0]["datasets"]
            level = next((level for level in levels if name in (None, level["path"])), None)
            if level:
                return _level(multiscales[0], level, None if name else level["path"])
    return Level()


def _level(multiscale, level, path):
    axes = multiscale.get("axes", ["t", "c", "z", "y", "x"])  # before NGFF 0.3 always these
    axes = [{"name": axis} if isinstance(axis, str) else axis for axis in axes]
    scale, place, placed = [1.0] * len(axes), [0.0] * len(axes), False
    for transformed in (level, multiscale):
        for step in transformed.get("coordinateTransformations", ()):
            if step["type"] == "scale":
                scale, place = (
                    [one * float(times) for one, times in zip(numbers, step["scale"], strict=True)]
                    for numbers in (scale, place)
                )
            elif step["type"] == "translation" and "translation" in step:  # else it lies in an array
                place = [one + float(by) for one, by in zip(place, step["translation"], strict=True)]
                placed = True
    names = [str(axis["name"]) for axis in axes]
    sizes = {name: (size, axis.get("unit")) for name, axis, size in zip(names, axes, scale, strict=True)}
    found = size_nm(*zip(*(sizes.get(name, (math.nan, None)) for name in "zyx"), strict=True))
    offset = None
    if found and placed and all(map(math.isfinite, place)):  # in units of the axes
        at = dict(zip(names, place, strict=True))
        offset = tuple(at[name] * nm / sizes[name][0] for name, nm in zip("zyx", found, strict=True))
    return Level(path, tuple(names), found, offset)

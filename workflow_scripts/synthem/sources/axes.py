"""Which axes of an array are z, y and x: by the names that its file has, or else by its shape."""

import re
from dataclasses import dataclass

COLOURS = (2, 3, 4)  # values of a voxel: grey or colours, without or with transparency


@dataclass(frozen=True)
class Axes:
    """Which axes of an array make the stack; the others have length 1."""

    names: str  # of all axes of the array, as one letter each; s is a last axis of colours

    def index(self, first, end):
        stacked = {"z": slice(first, end), "y": slice(None), "x": slice(None)}
        return tuple(stacked.get(name, slice(None) if name == "s" else 0) for name in self.names)

    def kept(self, planes):
        return planes if "z" in self.names else planes[None]

    def shape(self, shape):
        sizes = tuple(size for name, size in zip(self.names, shape, strict=True) if name in "zyxs")
        return sizes if "z" in self.names else (1, *sizes)

    def depth(self, chunks):
        return chunks[self.names.index("z")] if "z" in self.names else 1


def named_axes(names, shape):
    """`Axes` by the names of all axes (s: colours); None where others than z, y, x are longer than 1."""
    sizes = zip(names, shape, strict=True)
    letters = "".join("?" if len(name) > 1 else name if name in "zyxs" else "1" for name in names)
    longer = "".join(
        letter for letter, (_, size) in zip(letters, sizes, strict=True) if letter in "zyxs" or size > 1
    )
    return Axes(letters) if re.fullmatch(r"z?yxs?", longer) else None


def guessed_axes(shape):
    """`Axes` of an array without names: z, y and x, colours behind them; None where it is no stack.

    Axes of length 1 around these are left out: ilastik adds a last one for its channel, others a first one
    for time.
    """
    behind = "" if len(shape) < 4 else "s" if shape[-1] in COLOURS else "1" if shape[-1] == 1 else ""
    before = len(shape) - 3 - len(behind)
    return Axes("1" * before + "zyx" + behind) if before >= 0 and set(shape[:before]) <= {1} else None

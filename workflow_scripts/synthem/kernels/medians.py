"""The median of each voxel and of those above and below it in the slices beside its own."""

import numpy as np

from synthem.kernels.compiling import kernel


def median_of_slices(planes, slices, *, first=0, count=None):
    """Planes uint8 [Z, Y, X], of which `count` from `first` on are wanted -> their medians [count, Y, X].

    slices: how many there are to a median, an odd number. At both ends of the stack the last one is repeated,
    as by `scipy.ndimage.median_filter(planes, (slices, 1, 1), mode="nearest")`. A mask is outvoted: what is
    structure in most of the slices is.
    """
    count = len(planes) - first if count is None else count
    if slices == 1:
        return planes[first : first + count]
    found = np.empty((count, *planes.shape[1:]), np.uint8)
    for place in range(count):
        around = np.arange(first + place - slices // 2, first + place + slices // 2 + 1)
        _write_medians(planes, around.clip(0, len(planes) - 1), found[place])
    return found


@kernel
def _write_medians(planes, around, found):
    """Row by row, the values of all slices are sorted beside each other, in the processor's vector units."""
    height, width = found.shape
    rows = np.empty((len(around), width), np.uint8)
    for y in range(height):
        for place in range(len(around)):
            rows[place] = planes[around[place], y]
        for turn in range(len(around)):  # odd-even transposition: so many turns sort so many values
            for place in range(turn % 2, len(around) - 1, 2):
                lower, upper = rows[place], rows[place + 1]
                for x in range(width):
                    least, most = min(lower[x], upper[x]), max(lower[x], upper[x])
                    lower[x], upper[x] = least, most
        found[y] = rows[len(around) // 2]

"""Mask and label files -> masks {0, 1} and labels uint32: what each value in the file means.

A mask's `foreground` is `bright`, `dark`, `labels` (every number), `borders` (where numbers meet), `inside`
(every number, but for where numbers meet) or the values of the structure; `ignore` are the values of unknown
voxels. Labels have `background` and `ignore` values beside 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthem.errors import SynthemError
from synthem.ingest.grey import refuse_unfinite
from synthem.ingest.histogram import MOST_VALUES, Histogram, among, fitting
from synthem.storage.naming import count_text

LARGEST_LABEL = 2**32 - 2  # the next one means unknown where instances are learnt
PLAIN_LABELS = (np.bool_, np.uint8, np.uint16)  # stored as they are, whatever they hold
MOST_SHOWN = 12  # values in a message
FULL = 0.99  # instances that fill more of a volume make no mask to learn or to score


@dataclass(frozen=True)
class Conversion:
    """How planes of a mask or label file become planes of the volume."""

    marks: Callable  # planes -> uint8 {0, 1}, or uint32 labels
    dtype: type
    ignored: np.ndarray  # values of unknown voxels, those that occur
    relabelled: bool = False

    def unknown(self, planes):
        """bool, True where a voxel is unknown; None where all of the file is known."""
        return among(planes, self.ignored) if len(self.ignored) else None


def conversion_of(group, entry, stack, placement):
    """The Conversion of an entry of `masks`, `withheld` or `labels`; counts values where they decide."""
    if group == "labels":
        known = stack.dtype in PLAIN_LABELS and not entry["ignore"]
        return label_conversion(entry, stack, Histogram() if known else histogram_of(stack, placement))
    return mask_conversion(entry, stack, histogram_of(stack, placement))


def histogram_of(stack, placement):
    """Histogram of the slices that count; those that are not labelled are unknown, whatever they hold."""
    histogram = Histogram()
    for _, first, planes in placement.slabs(stack):
        histogram.add(first, planes)
    return histogram


def mask_conversion(entry, stack, histogram):
    refuse_lossy(stack)
    _refuse_noise(stack.source, histogram)
    foreground, ignored = entry["foreground"], _occurring(entry["ignore"], histogram)
    none = fitting([0, *entry["background"], *entry["ignore"]], stack.dtype)
    if foreground == "labels":
        marks = _as_bytes(lambda planes: ~among(planes, none))
    elif foreground == "inside":
        marks = _as_bytes(lambda planes: ~_where_numbers_meet(planes) & ~among(planes, none))
    elif foreground in ("bright", "dark"):
        marks = _by_brightness(foreground, histogram.without(entry["ignore"]), ignored)
    elif foreground == "borders":
        marks = _as_bytes(lambda planes: _where_numbers_meet(planes) & ~among(planes, ignored))
    else:
        structure = fitting(foreground, stack.dtype)
        marks = _as_bytes(lambda planes: among(planes, structure))
    return Conversion(marks, np.uint8, ignored)


def label_conversion(entry, stack, histogram):
    refuse_lossy(stack)
    _refuse_noise(stack.source, histogram)
    none = fitting([0, *entry["background"], *entry["ignore"]], stack.dtype)
    numbers = histogram.without(none)
    _refuse_fractions(stack.source, numbers)
    relabelled = len(numbers) > 0 and (numbers[0] < 0 or numbers[-1] > LARGEST_LABEL)

    def keep(planes):
        labels = planes.astype(np.uint32)
        if len(none) > 1:
            labels[among(planes, none)] = 0
        return labels

    def number_again(planes):
        """1, 2, ... in order of value; what is not among the numbers is none."""
        labels = np.zeros(planes.shape, np.uint32)
        for plane, label in zip(planes, labels, strict=True):
            places = np.searchsorted(numbers, plane)
            found = numbers[np.minimum(places, len(numbers) - 1)] == plane
            label[found] = places[found] + 1
        return labels

    marks = number_again if relabelled else keep
    return Conversion(marks, np.uint32, _occurring(entry["ignore"], histogram), relabelled)


def shares(histogram):
    """The values that occur with their shares, in words; the commonest where there are many."""
    total = histogram.counts.sum()
    commonest = np.sort(np.argsort(-histogram.counts, kind="stable")[:MOST_SHOWN])
    words = ", ".join(
        f"{histogram.values[place]:g} ({histogram.counts[place] / total:.1%})" for place in commonest
    )
    more = len(histogram.values) - MOST_SHOWN
    return words + (f" and {more} more" if more > 0 else "")


def _by_brightness(foreground, values, ignored):
    """Above half of the brightest value of the stack: 0/1, 0/255 and 1-bit masks alike."""
    brightest = values[-1].item() if len(values) else 0
    half = brightest / 2 if isinstance(brightest, float) else brightest // 2
    wanted = foreground == "bright"

    def marks(planes):
        marked = planes > half if wanted else planes <= half
        return marked & ~among(planes, ignored) if len(ignored) else marked

    return _as_bytes(marks)


def _where_numbers_meet(planes):
    """Voxels with another number above, below, left or right of them in the slice: two voxels wide."""
    meet = np.zeros(planes.shape, bool)
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[:, :, 1:], np.s_[:, :, :-1])):
        differ = planes[one] != planes[other]
        meet[one] |= differ
        meet[other] |= differ
    return meet


def _as_bytes(truth):
    return lambda planes: truth(planes).view(np.uint8)


def _occurring(values, histogram):
    return np.intersect1d(fitting(values, histogram.values.dtype), histogram.values)


def refuse_lossy(stack):
    """An error for masks and labels whose values are only nearly those that somebody drew."""
    if stack.lossy:
        raise SynthemError(
            "DATA_FORMAT",
            stack.source,
            "a mask in JPEG files, which do not keep values: its edges have others, and numbers are lost",
            expected="PNG or TIFF, which lose nothing",
            fix="export the mask again, as PNG; a JPEG file that is saved as PNG stays as it is",
        )


def _refuse_noise(source, histogram):
    refuse_unfinite(source, histogram.unfinite)
    if histogram.too_many:
        raise SynthemError(
            "DATA_VALUE",
            source,
            f"more than {MOST_VALUES} different values",
            expected="a mask of a few values, or instance numbers",
            fix="give the mask or the labels, not an image",
        )


def _refuse_fractions(source, numbers):
    broken = numbers[numbers != np.floor(numbers)] if numbers.dtype.kind == "f" else numbers[:0]
    if len(broken):
        raise SynthemError(
            "DATA_VALUE",
            source,
            f"{count_text(len(broken), 'instance number')} not whole, the first is {broken[0]:g}",
            expected="whole numbers",
            fix="give the labels, not a probability map",
        )

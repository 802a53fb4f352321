"""Image and mask of a user as they are: shapes, voxel size, and what the values of the mask may mean."""

import re
from dataclasses import dataclass
from pathlib import Path

from synthem.checks.levels import Between
from synthem.errors import SynthemError
from synthem.ingest.histogram import Histogram
from synthem.ingest.marks import MOST_SHOWN, histogram_of, refuse_lossy, shares
from synthem.ingest.pieces import placement_in
from synthem.sources.alpha import refuse_mask_in_alpha
from synthem.sources.names import numbers_in_names
from synthem.storage.naming import count_text

# What a mask's values are: background and structure; a few classes; a number for each object.
TWO, CLASSES, NUMBERS = "two", "classes", "numbers"


@dataclass(frozen=True)
class Values:
    """The values of a mask, and what they are."""

    kind: str  # TWO, CLASSES or NUMBERS
    histogram: Histogram
    bright: float  # share of the voxels above half of the brightest value

    @property
    def words(self):
        """The values with their shares, or what many of them are."""
        values = self.histogram.values
        if len(values) <= MOST_SHOWN:
            return shares(self.histogram)
        if self.kind == NUMBERS:
            return count_text(len(values) - 1, "object")
        return f"{values[0]:g} to {values[-1]:g}, {self.bright:.1%} above half, soft edges in between"


def place(image, mask, labelled, option, voxel_size_nm):
    """(Placement of a mask in its image, the slices that it is of; [] for all).

    labelled: slices that the user named by the option; without them, slices of a folder find their place by
    their numbers or names.
    """
    if mask.shape == image.shape[:3] and not labelled:
        return placement_in(image, mask, voxel_size_nm, []), []
    alike = bool(image.shapes) or mask.shape[1:] == image.shape[1:3]
    fewer = len(mask.shape) == 3 and mask.shape[0] < image.shape[0] and alike
    if fewer and not labelled and mask.offset_nm is None:
        labelled = _by_numbers(image, mask)
        if labelled is None:
            raise SynthemError(
                "DATA_SHAPE",
                mask.source,
                f"{count_text(mask.shape[0], 'slice')}, the image has {image.shape[0]}, and no names tell "
                "which of them have labels",
                expected=f"{image.shape[0]} slices, or the numbers of those with labels, from 0",
                fix=f'name them, like {option}="0-9 50"',
            )
    return placement_in(image, mask, voxel_size_nm, labelled), labelled


def _by_numbers(image, mask):
    """The slices of the image with the numbers or names of the mask's files; None where these do not tell."""
    if not image.names or not mask.names:
        return None
    of_image, own = numbers_in_names(image.names), numbers_in_names(mask.names)
    if of_image and not own:
        own = [_last_number(name) for name in mask.names]
    if not of_image or not set(own) <= set(of_image):  # tiles may have names without numbers
        of_image, own = ([Path(name).stem for name in names] for names in (image.names, mask.names))
    return [of_image.index(one) for one in own] if set(own) <= set(of_image) else None


def _last_number(name):
    numbers = re.findall(r"\d+", name.rsplit(".", 1)[0])
    return int(numbers[-1]) if numbers else None


def values_of(mask, placement):
    """The Values of a mask; an error where they are no mask at all."""
    refuse_lossy(mask)
    histogram = histogram_of(mask, placement)
    if histogram.too_many:
        raise _no_mask(mask, "millions of different values")
    levels = histogram.values
    if len(levels) < 2:
        refuse_mask_in_alpha(mask)
        found = f"every voxel is {levels[0]:g}" if len(levels) else "no voxel is finite"
        raise _no_mask(mask, found)
    bright = histogram.counts[levels > levels[-1] / 2].sum() / histogram.counts.sum()
    if len(levels) == 2:
        return Values(TWO, histogram, bright)
    between = Between(levels)
    for _, _, planes in placement.slabs(mask):
        for plane in planes:
            between.add(plane)
    if between.are_picture(histogram):
        raise _no_mask(mask, f"{len(levels)} values, most of them in between, as in an image")
    if not between.are_classes(histogram):
        return Values(TWO, histogram, bright)
    return Values(CLASSES if len(levels) <= MOST_SHOWN else NUMBERS, histogram, bright)


def _no_mask(mask, found):
    fix = "give the mask of the structure: a stack like the image, bright where it is"
    return SynthemError("DATA_VALUE", mask.source, found, expected="background and structure", fix=fix)

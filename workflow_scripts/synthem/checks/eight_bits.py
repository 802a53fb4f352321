"""Whether labels of 8 bits are what is left of more: ImageJ scales the numbers as it does grey levels.

Image > Type > 8-bit maps what is displayed to 0 to 255. Of 16 bits displayed from 0 to 65535 the first 127
numbers become 0, and 256 each after them one; displayed from 0 to the last number, that becomes 255, and
neighbours one.
"""

from skimage.measure import label as label_ids

from synthem.checks.numbering import numbers_of

FEWEST = 10  # parts of a slice: fewer tell nothing
MOST_PARTS = 2  # of a number in a slice, on average: few objects have sections apart, merged ones all
MOST_LABELS = 255  # that 8 bits hold


class InBytes:
    """Looks at labels [Y, X] of 8 bits, slice by slice."""

    def __init__(self):
        self._numbers, self._parts, self._pairs = set(), 0, 0

    def add(self, _, labels):
        """Count the parts of each number in a slice: how many there are, and of how many numbers."""
        numbers = numbers_of(labels.ravel())
        self._numbers |= numbers
        self._pairs += len(numbers)
        self._parts += label_ids(labels, background=0, connectivity=2, return_num=True)[1]

    def warning(self):
        """What to say where numbers seem to be scaled; "" where they do not."""
        if len(self._numbers) == MOST_LABELS:
            found = "255 numbers are all that 8 bits hold"
        elif self._parts >= max(FEWEST, MOST_PARTS * self._pairs):
            mean = self._parts / self._pairs
            found = f"a number is {mean:.1f} parts of a slice on average, in labels of 8 bits"
        else:
            return ""
        return (
            f"{found}: if ImageJ made them of 16 (Image > Type > 8-bit), it scaled the numbers, so objects "
            "became one or background. Save the labels as they were, in 16 bits"
        )

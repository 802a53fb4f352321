"""How the grey values of a user's images are stored: in 8 or 16 bits, and the way back to the file's values.

8-bit and unsigned 16-bit values stay as they are. Whole numbers whose range fits 16 bits lose only their
lowest value, which is kept. All else is scaled to 16 bits between two limits that ordinary data never leaves.
"""

import math
from dataclasses import dataclass

import numpy as np

from synthem.errors import SynthemError
from synthem.ingest.histogram import SMALL, Unfinite
from synthem.storage.naming import count_text

TOP = 2**16 - 1
SAMPLE = 4_000_000  # voxels from which percentiles are taken
PERCENTILES = (0.01, 99.99)
AT_ONCE = 2**22  # voxels scaled at once: their float64 copy stays small


@dataclass(frozen=True)
class Grey:
    """value in the file = stored * scale + offset."""

    type: str  # of the file
    dtype: type  # stored
    scale: float
    offset: float | int
    channels: int  # kept of those in the file; 0: the file has none

    @property
    def colour(self):
        return self.channels == 3

    @property
    def facts(self):
        return {"type": self.type, "scale": self.scale, "offset": self.offset}

    def store(self, planes):
        """Planes as in the file -> [n, y, x], or [n, y, x, 3] in colour."""
        planes = self._kept(planes)
        if self.type == "bool":
            return planes * np.uint8(255)
        if planes.dtype in SMALL:
            return planes
        if self.scale == 1.0 and planes.dtype.kind in "ui":  # modulo 2^16: no type overflows
            return planes.astype(np.uint16) - np.uint16(self.offset % 2**16)
        flat, stored = planes.reshape(-1), np.empty(planes.size, np.uint16)
        for first in range(0, len(flat), AT_ONCE):
            part = (flat[first : first + AT_ONCE].astype(np.float64) - self.offset) / self.scale
            stored[first : first + AT_ONCE] = np.clip(np.rint(part, out=part), 0, TOP, out=part)
        return stored.reshape(planes.shape)

    def clipped(self, planes):
        """How many voxels lie outside what can be stored."""
        top = self.offset + TOP * self.scale
        slack = self.scale / 2  # rounded to the limit, not clipped to it
        planes = self._kept(planes)
        return int(np.count_nonzero(planes < self.offset - slack) + np.count_nonzero(planes > top + slack))

    def loses(self, survey):
        """Whether some voxels of the survey are clipped."""
        return self.clipped(np.array([[[survey.low, survey.high]]])) > 0

    def _kept(self, planes):
        if planes.ndim == 3:
            return planes
        return planes[..., :3] if self.colour else planes[..., 0]


class Survey:
    """Range, colours and a sample of all planes of a volume: what decides how they are stored."""

    def __init__(self, images):
        self.images = images
        self.low = self.high = None
        self.unfinite = {image.source: Unfinite() for image in images}
        self.coloured = False
        self.alpha = None  # the one value of the alpha channel
        self.see_through = False  # it has several
        self._stride, self._next, self._sample = _stride(images), 0, []

    def add(self, image, first, planes):
        """`planes` of one of the images, which start at slice `first`: image by image, in order."""
        if planes.ndim == 4:
            planes = self._add_channels(planes)
        if self.unfinite[image.source].add(first, planes):
            return
        low, high = planes.min().item(), planes.max().item()
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)
        if planes.dtype not in SMALL:
            flat = planes.reshape(-1)
            self._sample.append(flat[self._next :: self._stride].copy())
            self._next = (self._next - len(flat)) % self._stride

    def limits(self):
        """The percentiles, widened by their own distance on either side, within what occurs."""
        low, high = (float(end) for end in np.percentile(np.concatenate(self._sample), PERCENTILES))
        reach = high - low
        if reach == 0:  # nearly all is one value: what differs from it is the picture
            return float(self.low), float(self.high)
        return max(float(self.low), low - reach), min(float(self.high), high + reach)

    def _add_channels(self, planes):
        channels = planes.shape[3]
        if channels in (2, 4):
            alpha = planes[..., -1]
            values = {self.alpha} - {None} | {alpha.min().item(), alpha.max().item()}
            self.see_through |= len(values) > 1
            self.alpha = values.pop()
        if channels > 2 and not self.coloured:
            red = planes[..., 0]
            self.coloured = not all((red == planes[..., other]).all() for other in (1, 2))
        return planes[..., 0]


def surveyed(images):
    """A Survey of all planes; None where the type alone decides how they are stored."""
    if images[0].dtype in SMALL and len(images[0].shape) == 3:
        return None
    survey = Survey(images)
    for image in images:
        for first, planes in image.slabs():
            survey.add(image, first, planes)
    return survey


def grey_of(images, survey):
    """Open stacks and their Survey -> the Grey in which all images of the volume are stored."""
    image = images[0]
    for other in images[1:]:
        refuse_stranger(image, other)
    for source, unfinite in survey.unfinite.items() if survey else ():
        refuse_unfinite(source, unfinite)
    kind = "bool" if image.levels == 2 else str(image.dtype)
    channels = 0 if len(image.shape) == 3 else 3 if survey.coloured else 1
    if channels == 3 and image.dtype != np.uint8 or channels and kind == "bool":
        raise SynthemError(
            "DATA_FORMAT",
            image.source,
            f"a colour image of type {kind}",
            expected="uint8 in colour, any type in grey",
            fix="save it with 8 bits a colour, or in grey",
        )
    if kind == "bool":
        return Grey(kind, np.uint8, 1 / 255, 0.0, channels)
    if image.dtype in SMALL:
        return Grey(kind, image.dtype.type, 1.0, 0.0, channels)
    if image.dtype.kind in "ui" and survey.high - survey.low <= TOP:
        return Grey(kind, np.uint16, 1.0, survey.low, channels)
    low, high = survey.limits()
    if not math.isfinite(high - low):
        raise SynthemError(
            "DATA_VALUE",
            image.source,
            f"values from {low:g} to {high:g}",
            expected="a range that a float64 can hold",
            fix="export it again",
        )
    return Grey(kind, np.uint16, (high - low) / TOP or 1.0, low, channels)


def refuse_unfinite(source, unfinite):
    if unfinite.count:
        found = (
            f"{count_text(unfinite.count, 'number')} that {'is' if unfinite.count == 1 else 'are'} not finite"
        )
        raise SynthemError(
            "DATA_VALUE",
            source,
            f"{found}, the first at z, y, x = {list(unfinite.first)}",
            expected="finite numbers",
            fix="replace them, or export it again",
        )


def refuse_stranger(image, other):
    """Stacks of their own are stored beside the main one, in one array."""
    kinds = [(stack.dtype, stack.levels, stack.shape[3:]) for stack in (image, other)]
    if kinds[0] != kinds[1]:
        words = [f"{kind[0]}, {kind[2][0] if kind[2] else 1} value(s) a voxel" for kind in kinds]
        raise SynthemError(
            "DATA_FORMAT",
            other.source,
            words[1] + (" of 1 bit" if kinds[1][1] else ""),
            expected=f"{words[0]} as in {image.source}",
            fix="save both in the same form",
        )


def _stride(images):
    """Steps that take an even sample and never the same column of every row."""
    total = sum(math.prod(image.shape[:3]) for image in images)
    stride = -(-total // SAMPLE)
    width = math.prod({image.shape[2] for image in images})
    while math.gcd(stride, width) != 1:
        stride += 1
    return stride

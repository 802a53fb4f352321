"""Checks an image stack: finite values, contrast, blank slices, voxel size, how it will be stored."""

import hashlib
from dataclasses import dataclass

import numpy as np

from synthem.checks.findings import data_value_error, in_nm
from synthem.checks.rims import rim_of
from synthem.ingest.grey import refuse_unfinite
from synthem.ingest.histogram import Histogram
from synthem.sources.names import decimals_in_doubt, orders_differ
from synthem.storage.naming import count_text

NARROW = 4  # times as long as wide: rather slices seen from the side
NOT_SQUARE = 2  # a side of a pixel to the other; FIB-SEM with a tilt that nobody corrected has 1.3
SQUEEZED = 2  # times the deviation of a slice without them, by a few voxels
ENDS = (0.001, 0.999)  # of the voxels of a slice; few lie as far outside of these as they lie apart
THICK = 50  # thickness to width of a pixel; sections of 70 nm at 2 nm a pixel have 35


@dataclass(frozen=True)
class SeenImage:
    """An image that was read: a hash of each slice, and which are blank."""

    stack: object
    digests: list  # a hash of every slice
    blank: np.ndarray  # bool [z]: one value throughout


def look_at_image(finding, stack, survey):
    """Read all planes once -> SeenImage; the finding gets notes, the volume's Survey the grey values."""
    digests, blank, squeezed, rims = [], [], [], []
    low, high = np.inf, -np.inf
    for first, planes in stack.slabs():
        survey.add(stack, first, planes)
        for plane in planes:
            ends = plane.min().item(), plane.max().item()
            low, high = min(low, ends[0]), max(high, ends[1])
            blank.append(ends[0] == ends[1])
            digests.append(digest_of(plane))
            squeezed.append(squeezed_by(plane))
            rims.append(rim_of(plane))
    blank = np.array(blank)
    refuse_unfinite(stack.source, survey.unfinite[stack.source])
    finding.note(f"grey values {low:g} to {high:g}")
    if not stack.shapes:
        _judge_axes(finding, stack.shape)
        if stack.names:
            _judge_order(finding, stack.names)
    _judge_outliers(finding, np.array(squeezed))
    _judge_rims(finding, np.array(rims))
    with finding.catching():
        _judge(finding, low, high, blank)
    return SeenImage(stack, digests, blank)


def _judge_axes(finding, shape):
    """Slices far narrower than long, and many of them, are rather a stack whose last axis is z."""
    depth, *sides = shape[:3]
    if min(sides) * NARROW <= min(depth, max(sides)):
        finding.warn(
            f"{depth} slices of {sides[0]} x {sides[1]} pixels: the first axis of the file is read as z; "
            "if z is another one, save the stack, and its masks, with z first"
        )


def _judge_size(finding, size):
    """Sizes of voxels that no microscope has are rather sizes in another order, or never set."""
    z, y, x = size
    if max(y, x) > NOT_SQUARE * min(y, x):
        finding.warn(f"pixels of {y:g} x {x:g} nm are not square: the order of a voxel size is z, y, x")
    elif z >= THICK * min(y, x):
        finding.warn(
            f"slices of {z:g} nm are {z / min(y, x):.0f} times as thick as a pixel is wide: some programs "
            "write 1 for a thickness that nobody set; if so, say it in voxel_size_nm"
        )


def _judge_order(finding, names):
    ends = f"{names[0]} to {names[-1]}"
    if orders_differ(names):
        finding.warn(f"two numbers in the names order the slices differently: by the last, {ends}")
    if decimals_in_doubt(names):
        finding.warn(
            "decimals in the names, read as two numbers each, order the slices differently: by decimals, "
            f"{ends}; if that is wrong, number the files 001, 002, ..."
        )


def _judge(finding, low, high, blank):
    if low == high:
        raise data_value_error(finding.source, f"every voxel is {low:g}", "an image", "export it again")
    if blank.any():
        finding.warn(f"{count_text(int(blank.sum()), 'blank slice')}, the first is {blank.argmax()}")


def _judge_outliers(finding, squeezed):
    if (squeezed > SQUEEZED).any():
        worst = squeezed.argmax()
        finding.warn(
            f"{count_text(int((squeezed > SQUEEZED).sum()), 'slice')} with a few voxels far outside of all "
            f"others, as hot pixels are: in slice {worst} networks see what is left of it with "
            f"{1 / squeezed[worst]:.0%} of its contrast; replace them, in Fiji by Process > Noise > "
            "Remove Outliers"
        )


def _judge_rims(finding, rims):
    if rims.any():
        have = f"{count_text(int((rims > 0).sum()), 'slice')} {'has' if (rims > 0).sum() == 1 else 'have'}"
        finding.warn(
            f"{have} a black rim, slice {rims.argmax()} on {rims.max():.0%} of it: networks learn it as "
            "tissue, and see all else of the slice in other greys; crop the stack, and its masks, to what "
            "all slices show"
        )


def squeezed_by(plane):
    """How many times a few voxels far outside of all others enlarge the deviation of a slice.

    Networks see it divided by that. Of whole numbers of 16 bits: those of 8 cannot lie so far, and others are
    clipped where they are stored.
    """
    if plane.dtype.kind not in "ui" or plane.dtype.itemsize != 2:
        return 1.0
    histogram = Histogram()
    histogram.add(0, plane.view(np.uint16) ^ np.uint16(2**15 if plane.dtype.kind == "i" else 0))  # in order
    values, counts = histogram.values.astype(float), histogram.counts
    below = counts.cumsum() / counts.sum()
    low, high = (values[np.searchsorted(below, end)] for end in ENDS)
    near = (values >= 2 * low - high) & (values <= 2 * high - low)
    rest = _deviation(values[near], counts[near])
    return _deviation(values, counts) / rest if rest else 1.0


def _deviation(values, counts):
    mean = np.average(values, weights=counts)
    return np.average((values - mean) ** 2, weights=counts) ** 0.5


def note_size(finding, stack, config, size):
    """Note the voxel size and whether config or file gave it; a warning where the file has another."""
    finding.voxel_size_nm = in_nm(size)
    finding.note(
        f"axes {', '.join('zyxc'[: len(stack.shape)])}; voxel size from the {'config' if config else 'file'}"
    )
    if not stack.shapes:  # tiles have no thickness that counts
        _judge_size(finding, size)
    own = stack.voxel_size_nm
    if own and not np.allclose(own, size, rtol=0.01):
        finding.warn(f"the file has {in_nm(own)} nm; the {'config' if config else 'main stack'} is used")


def note_storage(finding, grey, survey, images):
    """Note how grey values will be stored; a warning where that clips voxels or drops an alpha channel."""
    if survey.see_through:
        finding.warn("an alpha channel that varies is left out")
    if grey.channels == 1:
        finding.note("all colours alike, stored as grey")
    if grey.colour:
        finding.note("colour")
    if grey.type in ("uint8", "uint16", "bool"):
        return
    finding.note(f"{grey.type} stored in 16 bits, steps of {grey.scale:.3g}")
    if grey.loses(survey):
        lost = sum(grey.clipped(planes) for image in images for _, planes in image.slabs())
        lie, be = ("lies", "is") if lost == 1 else ("lie", "are")
        finding.warn(f"{count_text(lost, 'voxel')} {lie} far outside of all others and {be} clipped")


def digest_of(plane):
    """A hash of a slice: equal for slices of equal values, type and size."""
    mark = hashlib.sha256(f"{plane.dtype} {plane.shape}".encode())
    mark.update(np.ascontiguousarray(plane))
    return mark.digest()

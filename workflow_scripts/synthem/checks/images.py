"""Is an image stack one that networks can learn from?"""

import hashlib
from dataclasses import dataclass

import numpy as np

from synthem.checks.findings import in_nm, value_error
from synthem.ingest.grey import refuse_unfinite


@dataclass(frozen=True)
class SeenImage:
    """What is kept of an image that was looked at."""

    stack: object
    digests: list  # a hash of every slice
    blank: np.ndarray  # bool [z]: one value throughout


def look_at_image(finding, stack, survey):
    """Read all planes once, for the finding and for the volume's survey."""
    digests, blank = [], []
    low, high = np.inf, -np.inf
    for first, planes in stack.slabs():
        survey.add(stack, first, planes)
        for plane in planes:
            ends = plane.min().item(), plane.max().item()
            low, high = min(low, ends[0]), max(high, ends[1])
            blank.append(ends[0] == ends[1])
            digests.append(digest_of(plane))
    blank = np.array(blank)
    refuse_unfinite(stack.source, survey.unfinite[stack.source])
    finding.note(f"grey values {low:g} to {high:g}")
    with finding.catching():
        _judge(finding, low, high, blank)
    return SeenImage(stack, digests, blank)


def _judge(finding, low, high, blank):
    if low == high:
        raise value_error(finding.source, f"every voxel is {low:g}", "an image", "export it again")
    if blank.any():
        finding.warn(f"{blank.sum()} blank slices, the first is {blank.argmax()}")


def note_size(finding, stack, config, size):
    """The voxel size, where it is from, and that the file says another."""
    finding.voxel_size_nm = in_nm(size)
    finding.note(
        f"axes {', '.join('zyxc'[: len(stack.shape)])}; voxel size from the {'config' if config else 'file'}"
    )
    own = stack.voxel_size_nm
    if own and not np.allclose(own, size, rtol=0.01):
        finding.warn(f"the file says {in_nm(own)} nm; the {'config' if config else 'main stack'} is used")


def note_storage(finding, grey, survey, images):
    """How grey values will be stored, and what that loses."""
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
        finding.warn(f"{lost} voxels lie far outside of all others and are clipped")


def digest_of(plane):
    """Equal for equal slices: of the same values, type and size."""
    mark = hashlib.sha256(f"{plane.dtype} {plane.shape}".encode())
    mark.update(np.ascontiguousarray(plane))
    return mark.digest()

"""The structure in a mask, slice by slice of its image."""

from dataclasses import dataclass, replace

import numpy as np

from synthem.errors import SynthemError
from synthem.ingest.marks import Conversion, label_conversion, mask_conversion
from synthem.ingest.pieces import Placement


@dataclass(frozen=True)
class Marks:
    """A mask whose values have a meaning."""

    mask: object  # Stack
    placement: Placement
    sizes: tuple  # (y, x) of every slice of the image
    marking: Conversion
    numbering: Conversion | None  # of a mask with a number for each object
    counts: np.ndarray  # marked voxels of every slice of the image

    def add_to(self, counters):
        """Show all slices in rising order to `counters`, with numbers where there are some."""
        numbers = self.numbering or self.marking
        for z, _, planes in self.placement.slabs(self.mask):
            for k, plane in enumerate(numbers.marks(planes)):
                for counter in counters:
                    counter.add(z + k, plane)

    def plane(self, z):
        """bool [y, x] of the image"""
        marked = np.zeros(self.sizes[z], bool)
        own = int(self.placement.slices[z])
        y, x = self.placement.y, self.placement.x
        plane = self.marking.marks(self.mask.read(own, own + 1))[0] > 0
        marked[y : y + plane.shape[0], x : x + plane.shape[1]] = plane
        return marked

    def within(self, slices):
        """The same on these slices of the image alone."""
        kept = np.full_like(self.placement.slices, -1)
        kept[slices] = self.placement.slices[slices]
        return replace(self, placement=replace(self.placement, slices=kept))


def marks_of(mask, placement, sizes, foreground, histogram):
    """The Marks of a mask; with a `foreground` of None, all that is not the commonest value."""
    entry = {"files": mask.source, "foreground": foreground, "background": [], "ignore": []}
    numbering = label_conversion(entry, mask, histogram) if foreground == "labels" else None
    if foreground is None:
        commonest = histogram.values[histogram.counts.argmax()].item()
        structure = [value for value in histogram.values.tolist() if value != commonest]
        entry["foreground"] = structure
    marking = mask_conversion(entry, mask, histogram)
    counts = np.zeros(len(sizes), np.int64)
    for z, _, planes in placement.slabs(mask):
        marked = marking.marks(planes)
        counts[z : z + len(marked)] = np.count_nonzero(marked, axis=(1, 2))
    _refuse_senseless(mask, foreground, counts.sum(), histogram)
    return Marks(mask, placement, sizes, marking, numbering, counts)


def _refuse_senseless(mask, foreground, marked, histogram):
    if 0 < marked < histogram.counts.sum() or marked and foreground == "labels":  # cells may fill a volume
        return
    found = f"with foreground {foreground}, {'every' if marked else 'no'} voxel is marked"
    fix = "correct FOREGROUND, or give the mask of the structure"
    raise SynthemError("DATA_VALUE", mask.source, found, expected="some voxels marked", fix=fix)

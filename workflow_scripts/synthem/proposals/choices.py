"""What a config says of files that were looked at: polarity, structure, blocks and budgets."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from synthem.checks.objects import ObjectsInLabels, ObjectsInMask
from synthem.checks.shared_objects import SharedInLabels, SharedInMask
from synthem.checks.structure import FEWEST as FEWEST_OBJECTS
from synthem.checks.structure import test_blocks
from synthem.comparison.designs import FEWEST
from synthem.errors import SynthemError
from synthem.ingest.pieces import blocks_of
from synthem.sources.names import split_source
from synthem.storage.splits import slice_numbers

MEMBRANES = "membranes"  # as a structure: the mask `membrane` is what images are painted on
NAMED = {  # what file names say of the structure
    "mito": "mitochondria",
    "membrane": MEMBRANES,
    "nucle": "nuclei",
    "synap": "synapses",
    "vesic": "vesicles",
    "neuri": "neurites",
    "neuron": "neurites",
}
TESTED = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)  # fractions to test; the first that is enough
KEPT = 0.5  # of the labelled slices are left to learn from, whatever gap the objects would want
EMPTY = 0.25  # more slices than this without any structure are rather slices without labels
DENSE = 0.6  # objects that fill more of the volume are cells


def structure_in(source):
    """The structure that the name of a file or a dataset has in it; None of others.

    Of the folders around it only that of a pattern counts: what others are called says nothing of a mask.
    """
    path, dataset = split_source(source)
    file = Path(path)
    names = [file.parent.name if "*" in file.name else "", file.name, dataset or ""]
    words = [word for word in re.split(r"[^a-z]+", " ".join(names).lower()) if word]
    found = (NAMED[part] for word in reversed(words) for part in NAMED if word.startswith(part))
    return next(found, None)


def polarity(bright):
    """`bright` or `dark`: the structure is what fills less of the volume."""
    return "dark" if bright > 0.5 else "bright"


def labelled_among(marked, slices):
    """Those of the `slices` with any structure, where so many have none that labels are rather missing."""
    kept = [z for z in slices if marked[z]]
    return kept if len(slices) - len(kept) > EMPTY * len(slices) else []


@dataclass(frozen=True)
class Split:
    """Blocks of the slices, and why."""

    test: float
    fold: int
    gap: int  # slices
    train: int
    tested: int  # slices
    objects: int | None  # of the test block; None of a sheet, as membranes are
    length: int  # slices; most objects (95 %) are not longer

    @property
    def answers(self):
        """Whether a verdict can come of it."""
        return self.tested >= FEWEST


def split_for(volume, depth, add_to, *, numbered):
    """The Split of a stack. volume: its entry, filled in; add_to(counters) shows them every slice.

    Sizes along z are counted in slices here: the size of a voxel may not be known. Tiles have no neighbours:
    nothing runs through several of them, and no gap parts them. A sheet has no objects to part: the gap is
    one slice.
    """
    tiles = volume["tiles"]

    def cut(**split):
        return blocks_of(volume, {"": depth}, split, (1, 1, 1))

    def trained(gap):
        with suppress(SynthemError):
            return len(slice_numbers(cut(test=test, fold=fold, gap_nm=gap)["train"]))
        return 0

    labelled = len(volume["labelled_slices"]) or depth
    test = next((part for part in TESTED if round(part * labelled) >= FEWEST), TESTED[0])
    folds = test_blocks(volume, {"": depth}, {"test": test, "gap_nm": 0, "fold": 0}, (1, 1, 1))
    counted = (ObjectsInLabels if numbered else ObjectsInMask)(folds, linked=not tiles)
    shared = (SharedInLabels if numbered else SharedInMask)(cut(test=test, fold=0, gap_nm=0))
    add_to([counted] if tiles else [counted, shared])
    objects, length = counted.counts(), 0 if tiles or counted.sheet else shared.summary().longest()
    fold = 0 if counted.sheet or objects[0] >= FEWEST_OBJECTS else max(objects, key=objects.get)
    gap = next((gap for gap in range(max(1, length), 0, -1) if trained(gap) >= KEPT * labelled), 1)
    gap = gap if trained(gap) and not tiles else 0
    tested = len(slice_numbers(cut(test=test, fold=fold, gap_nm=gap)["test"]))
    found = None if counted.sheet else objects[fold]
    return Split(test, fold, gap, trained(gap), tested, found, length)


def budgets_for(trained):
    """Few labels, and all of them; all alone where few would be half of them or more."""
    few = min(8, max(4, round(trained / 8)))
    return [few, "all"] if 2 * few < trained else ["all"]

"""Leakage: slices that score a network and also train it, found by the hashes of their voxels."""

from dataclasses import dataclass
from itertools import combinations

from synthem.errors import SynthemError
from synthem.storage.naming import count_text
from synthem.storage.splits import slice_numbers

BLOCKS = ("train", "unlabelled", "test")
LEARNT = ("train", "unlabelled")  # StyleGAN and Boundless learn from slices without labels, too


@dataclass(frozen=True)
class SliceOfStack:
    """A slice of a stack, by its place in the volume."""

    finding: object  # of the stack
    seen: object  # the stack
    volume: str
    block: str
    z: int  # in the volume

    def __str__(self):
        return f"slice {self.z} ({self.volume}, {self.block})"


def find_copies(images, folds):
    """A problem for each stack that is given under two names; `images`: (finding, SeenImage) of the run.

    folds: pairs of targets that may be one stack, each with another test block.
    """
    for (one, seen), (other, again) in combinations(images, 2):
        if seen.digests == again.digests and not _in_turn(one.volume, other.volume, folds):
            with other.catching():
                slices = count_text(len(seen.digests), "slice")
                found = f"the same {slices} as {one.part} of {one.volume}, {one.source}"
                raise _leak(
                    other.source,
                    found,
                    "another stack",
                    "give each image once, or two targets a fold each (docs/output.md)",
                )


def find_leaks(volumes, targets, folds):
    """A problem for each slice that is in two blocks, or trains in one volume and is scored in a target.

    `volumes`: {name: (blocks, pieces)}, pieces the (finding, SeenImage) of each stack in the order of z.
    Stacks that are copies as a whole are left to `find_copies`, pairs of targets in `folds` learn apart.
    """
    places = {name: _places(name, *volume) for name, volume in volumes.items()}
    both = [pair for pair in combinations(BLOCKS, 2) if pair != LEARNT]
    pairs = [((name, a), (name, b)) for name in places for a, b in both]
    for target in targets:
        if target in places:
            others = [name for name in places if name != target and not _in_turn(name, target, folds)]
            pairs += [((name, block), (target, "test")) for name in others for block in LEARNT]
    for (volume, block), (scored, tested) in pairs:
        taught, read = places[volume].get(block, {}), places[scored].get(tested, {})
        shared = [(read[key], taught[key]) for key in read if key in taught]
        shared = [(place, first) for place, first in shared if not _copies(place.seen, first.seen)]
        if shared:
            place, first = shared[0]
            with place.finding.catching():
                twice = f"{count_text(len(shared), 'slice')} twice"
                found = f"{twice}, the first: {place} is {first} of {first.finding.source}"
                fix = "remove the copies, or give files that share no slice"
                raise _leak(place.finding.source, found, "slices that lie in one block only", fix)


def _places(name, blocks, pieces):
    """{block: {digest: SliceOfStack}} without blank slices, which are alike everywhere."""
    slices = [(finding, seen, z) for finding, seen in pieces for z in range(len(seen.digests))]
    found = {block: {} for block in blocks}
    for block, ranges in blocks.items():
        for z in slice_numbers(ranges):
            finding, seen, own = slices[z]
            if not seen.blank[own]:
                found[block].setdefault(seen.digests[own], SliceOfStack(finding, seen, name, block, z))
    return found


def _in_turn(one, other, folds):
    return any({one, other} == set(pair) for pair in folds)


def _copies(one, other):
    return one is not other and one.digests == other.digests


def _leak(source, found, expected, fix):
    return SynthemError("DATA_SPLIT", source, found, expected=expected, fix=fix)

"""Draws the images of the blind study: as many pieces of real slices as of generated ones, shuffled."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.intensity import as_bytes
from synthem.seeds import generator
from synthem.storage.naming import run_of
from synthem.storage.splits import gap_in_slices, slice_numbers
from synthem.storage.volumes import open_volume, read_facts

TEST, TRAINING = "test slices", "training slices"  # of real tissue; every other source is a data set


class Patch(NamedTuple):
    """A square piece of a slice."""

    source: str  # TEST, TRAINING or the name of a data set
    path: str
    z: int
    y: int
    x: int


def draw_quiz(volume, painted, *, per_source, side, seed, gap_nm):
    """(images uint8 [N, side, side] or [N, side, side, C], their patches) in the order of the page.

    volume: path of the real one; painted: paths of kept images, named after their runs. Each data set
    shows `per_source` pieces, or as many as it has; half of all images are real. Half of those come from
    training slices, as far as these lie further than `gap_nm` from every slice that a generated image was
    painted after, the others from test slices. No two real pieces show one place nearer than that.
    """
    facts = read_facts(volume)
    gap = max(1, gap_in_slices(gap_nm, facts.voxel_size_nm[0]))
    generated = []
    for name, paths in _by_data_set(painted).items():
        free = [place for path in paths for place in _tiles(name, path, side)]
        generated += _spread(free, per_source, generator(seed, "quiz", name), apart=0)
    if not generated:
        raise _nothing(painted, side)
    sources = {z for patch in generated for z in _behind(patch)}
    away = [z for z in slice_numbers(facts.blocks["train"]) if all(abs(z - own) > gap for own in sources)]
    real = []
    slices = {TRAINING: away, TEST: slice_numbers(facts.blocks["test"])}
    for source, most in ((TRAINING, len(generated) // 2), (TEST, len(generated))):
        free = _tiles(source, volume, side, slices[source])
        count = min(most, len(generated) - len(real))
        real += _spread(free, count, generator(seed, "quiz", source), apart=gap if facts.linked else 0)
    if len(real) < len(generated):
        raise _too_few(len(real), len(generated), side, gap)
    patches = [*real, *generated]
    order = generator(seed, "quiz", "order").permutation(len(patches))
    patches = [patches[n] for n in order]
    return _images(patches, side, volume), patches


def _behind(patch):
    """The real slices that a generated image was painted after; on invented masks, all that were learnt."""
    provenance = read_facts(patch.path).provenance
    if "source_slices" in provenance:
        return [provenance["source_slices"][patch.z]]
    return provenance["learnt_slices"]


def quiz_truth(quiz, patches):
    """The answers to a quiz, which its page does not know: plain data for `truth.json`."""
    return {"quiz": quiz, "items": [patch._asdict() for patch in patches]}


def kept_truth(path, quiz):
    """Where the truth of a quiz stays, beside `path` of the one of now, when results and their quiz change.

    A page that was handed out is still answered then: no job may delete what its answers mean.
    """
    return Path(path).with_name("truths") / f"{quiz}.json"


def _by_data_set(paths):
    found = defaultdict(list)
    for path in paths:
        found[run_of(path).name].append(path)
    return found


def _tiles(source, path, side, slices=None):
    """Every piece of the slices (all of them if None) on a grid in their middle; padding is left out."""
    with open_volume(path) as volume:
        depth, *shape = volume.shape[:3]
        tiles = volume.facts.tiles
    found = []
    for z in range(depth) if slices is None else slices:
        starts = [range(size % side // 2, size - side + 1, side) for size in (tiles[z] if tiles else shape)]
        found += [Patch(source, str(path), z, y, x) for y in starts[0] for x in starts[1]]
    return found


def _spread(free, count, chance, *, apart):
    """At most `count` of the pieces, of as many slices and places as can be; none of a lost section.

    apart: no two pieces of one place within so many slices; 0: every slice shows a place of its own.
    """
    free = [free[n] for n in chance.permutation(len(free))]
    slices, places, chosen = Counter(), Counter(), []
    while free and len(chosen) < count:
        best = min(free, key=lambda one: (slices[one.path, one.z], places[one.y, one.x]))
        if _is_lost(best):
            free = [one for one in free if (one.path, one.z) != (best.path, best.z)]
            continue
        slices[best.path, best.z] += 1
        places[best.y, best.x] += 1
        chosen.append(best)
        free = [
            one
            for one in free
            if (one.path, one.y, one.x) != (best.path, best.y, best.x) or abs(one.z - best.z) > apart
        ]
    return chosen


def _is_lost(patch):
    """Whether the slice of a piece has one grey value alone: of generated ones, the filter drops these."""
    with open_volume(patch.path) as volume:
        plane = volume.read("image", patch.z, patch.z + 1)
    return plane.min() == plane.max()


def _images(patches, side, real):
    """Their grey levels, a real slice of 16 bits in the 8 bits in which a generator learns from it."""
    wanted = defaultdict(set)
    for patch in patches:
        wanted[patch.path].add(patch.z)
    slices = {}
    for path, numbers in wanted.items():
        numbers = sorted(numbers)
        with open_volume(path) as volume:
            planes = np.concatenate([volume.read("image", z, z + 1) for z in numbers])
        planes = as_bytes(planes) if path == str(real) else planes
        slices |= {(path, z): plane for z, plane in zip(numbers, planes, strict=True)}
    pieces = (slices[one.path, one.z][one.y : one.y + side, one.x : one.x + side] for one in patches)
    return np.stack(list(pieces))


def _nothing(painted, side):
    return SynthemError(
        "DATA_SHAPE",
        "quiz",
        f"no generated image that passed the filter ({len(painted)} files) holds a square of {side} pixels",
        expected="at least one generated image to show",
        fix="lower quiz.side, train the generator longer, or set quiz.wanted to false",
    )


def _too_few(found, wanted, side, gap):
    return SynthemError(
        "DATA_SHAPE",
        "quiz",
        f"real slices hold {found} squares of {side} pixels that show one place no more than once in "
        f"{gap + 1} slices",
        expected=f"{wanted}, as many as there are generated ones",
        fix="lower quiz.side or quiz.per_source",
    )

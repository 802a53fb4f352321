"""Draws the images of the blind study: as many pieces of real slices as of generated ones, shuffled."""

from collections import Counter, defaultdict
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np

from synthem.errors import SynthemError
from synthem.intensity import as_bytes
from synthem.log import say
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

    volume: path of the real one; painted: paths of kept images, named after their runs. Pieces larger than
    slices are cut smaller. Each data set shows `per_source` pieces, or as many as it has; half of all images
    are real, and where real slices hold fewer, fewer generated ones are shown. Half of the real ones come
    from training slices, as far as these lie further than `gap_nm` from every slice that a generated image
    was painted after, the others from test slices. No two real pieces show one place nearer than that.
    """
    facts = read_facts(volume)
    gap = max(1, gap_in_slices(gap_nm, facts.voxel_size_nm[0]))
    by_data_set, data_sets = [], _by_data_set(painted)
    real_slices = [z for block in ("train", "test") for z in slice_numbers(facts.blocks[block])]
    side = _side_that_fits(side, volume, real_slices, data_sets.values())
    for name, paths in data_sets.items():
        free = [place for path in paths for place in _tiles(name, path, side)]
        by_data_set.append(_spread(free, per_source, generator(seed, "quiz", name), apart=0))
    generated = [patch for patches in by_data_set for patch in patches]
    if not generated:
        raise _nothing(painted)
    sources = {z for patch in generated for z in _behind(patch)}
    away = [z for z in slice_numbers(facts.blocks["train"]) if all(abs(z - own) > gap for own in sources)]
    real = []
    slices = {TRAINING: away, TEST: slice_numbers(facts.blocks["test"])}
    for source, most in ((TRAINING, len(generated) // 2), (TEST, len(generated))):
        free = _tiles(source, volume, side, slices[source])
        count = min(most, len(generated) - len(real))
        real += _spread(free, count, generator(seed, "quiz", source), apart=gap if facts.linked else 0)
    if not real:
        raise _no_tissue(side)
    if len(real) < len(generated):
        say(f"real slices hold {len(real)} pieces, so as many of {len(generated)} generated ones are shown")
    patches = [*real, *_evenly(by_data_set, len(real))]
    order = generator(seed, "quiz", "order").permutation(len(patches))
    patches = [patches[n] for n in order]
    return _images(patches, side, volume), patches


def _side_that_fits(side, real, shown, by_data_set):
    """`side`, or that of the largest square that real slices to show and images of every data set hold."""
    squares = [_largest_square(real, shown), *(max(map(_largest_square, paths)) for paths in by_data_set)]
    most = min([square for square in squares if square], default=side)
    if side <= most:
        return side
    say(f"quiz.side is {side} pixels; the largest square that slices hold, {most} pixels, is shown instead")
    return most


def _largest_square(path, slices=None):
    """Side of the largest square in the slices (all of them if None), padding left out; 0 without slices."""
    with open_volume(path) as volume:
        depth, *shape = volume.shape[:3]
        tiles = volume.facts.tiles
    slices = range(depth) if slices is None else slices
    return max((min(tiles[z] if tiles else shape) for z in slices), default=0)


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
    """{data set: its paths}, in an order of their own: that of the config is in no param of a job."""
    found = defaultdict(list)
    for path in sorted(paths, key=_order):
        found[run_of(path).name].append(path)
    return found


def _order(path):
    """By data set, then budget, then replicate."""
    run = run_of(path)
    return run.name, float("inf") if run.budget == "all" else int(run.budget), run.replicate


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


def _evenly(by_data_set, count):
    """The first pieces of each data set, `count` in all, of each as many as of the others where they last."""
    in_turn = [patch for patches in zip_longest(*by_data_set) for patch in patches if patch]
    kept = set(in_turn[:count])
    return [patch for patches in by_data_set for patch in patches if patch in kept]


def _is_lost(patch):
    """Whether the slice of a piece has one grey value alone: of generated ones, the filter drops these."""
    with open_volume(patch.path) as volume:
        plane = volume.read("image", patch.z, patch.z + 1)
    return plane.min() == plane.max()


def _images(patches, side, real):
    """Grey levels of patches, a real slice of 16 bits in the 8 bits in which a generator learns from it."""
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


def _nothing(painted):
    return SynthemError(
        "DATA_SHAPE",
        "quiz",
        f"no generated image has passed the filter ({len(painted)} files)",
        expected="at least one generated image to show",
        fix="train the generator longer, or set quiz.wanted to false",
    )


def _no_tissue(side):
    return SynthemError(
        "DATA_SHAPE",
        "quiz",
        f"no real slice to show holds a square of {side} pixels",
        expected="pieces of real slices beside the generated ones",
        fix="lower quiz.side, or set quiz.wanted to false",
    )

"""Checks that the structure is marked in all that is learnt from or scored, and that budgets can be drawn."""

from collections import Counter
from contextlib import suppress

import numpy as np

from synthem.checks.across_volumes import all_seen
from synthem.checks.cutting import warn_of_cutting
from synthem.checks.findings import naming
from synthem.errors import SynthemError
from synthem.ingest.pieces import blocks_of
from synthem.storage.budgets import draw_slices
from synthem.storage.naming import count_text
from synthem.storage.splits import ALL, folds_of, gap_in_slices, ranges_of, slice_numbers

MOST_NAMED = 3  # draws in a message
OF_MASK = ("iou", "dice")  # endpoints
DENSE = 0.8  # of the voxels: of one structure, and not of cells that fill the volume, there is less
FEWEST = 10  # objects of a test block: with fewer a score is about these objects, not about the structure


def marks_per_slice(pieces):
    """(marked, known) voxels of every slice of the volume.

    `pieces`: (depth, SeenMask or None, its Placement) of each stack in the order of z; what lies beside a
    mask is unknown.
    """
    total = sum(depth for depth, _, _ in pieces)
    marked, known = np.zeros(total, int), np.zeros(total, int)
    first = 0
    for depth, seen, placement in pieces:
        if seen:
            places = np.flatnonzero(placement.slices >= 0)
            own = placement.slices[places]
            marked[first + places], known[first + places] = seen.marked[own], seen.known[own]
        first += depth
    return marked, known


def naming_labelled(volume, block, marked, depths):
    """What to write where slices without the structure are rather slices without labels, in words.

    block: "test", or what else the volume is made of; depths {stack: its slices}, in the order of z.
    """
    keys, first = [], 0
    for stack, depth in depths.items():
        found = np.flatnonzero(marked[first : first + depth]).tolist()
        if 0 < len(found) < depth and (stack == "test") == (block == "test"):
            where = f"volumes.{volume}.{stack}" if stack else f"volumes.{volume}"
            keys.append(f"`{where}.labelled_slices: [{spelt(ranges_of(found))}]`")
        first += depth
    return f", or name the labelled ones: {' and '.join(keys)}" if keys else ""


def check_blocks(source, marked, blocks, naming_them):
    """An error where a block has no marked voxel; naming_them: as of `naming_labelled`."""
    empty = {name: ranges for name, ranges in blocks.items() if not marked[slice_numbers(ranges)].any()}
    if empty:
        named = ", ".join(f"the {name} block (slices {spelt(ranges)})" for name, ranges in empty.items())
        raise SynthemError(
            "DATA_SPLIT",
            source,
            f"no voxel is marked in {named}",
            expected="the structure in every block",
            fix=f"change split, or mark the structure there{naming_them}",
        )


def drawn_to_learn(blocks, draws):
    """{run in words: the slices it learns from}; draws: the settings of `draw_slices` of all runs."""
    return {
        f"budget {run['budget']}, {run['strategy']}, replicate {run['replicate']}": draw_slices(
            blocks, **run
        ).train
        for run in draws
    }


def check_budgets(blocks, draws):
    """An error where a number of slices is all that there are, and `all` another budget of the same ones."""
    budgets, count = {str(run["budget"]) for run in draws}, len(slice_numbers(blocks["train"]))
    if {ALL, str(count)} <= budgets:
        raise SynthemError(
            "DATA_SPLIT",
            "labels.budgets",
            f"{count} and `all` are the same {count_text(count, 'slice')}",
            expected="budgets of different sizes",
            fix=f"leave {count} out",
        )


def check_draws(source, marked, drawn, naming_them):
    """An error where runs would learn from slices without the structure; drawn: as of `drawn_to_learn`."""
    empty = [
        f"{run} (slices {spelt(ranges)})"
        for run, ranges in drawn.items()
        if not marked[slice_numbers(ranges)].any()
    ]
    if empty:
        more = f" and {len(empty) - MOST_NAMED} more" if len(empty) > MOST_NAMED else ""
        raise SynthemError(
            "DATA_SPLIT",
            source,
            f"no voxel is marked in {len(empty)} of {count_text(len(drawn), 'draw')} of slices to learn "
            f"from: {'; '.join(empty[:MOST_NAMED])}{more}",
            expected="the structure in what every run learns from",
            fix="raise labels.budgets, choose another labels.strategy, or mark the structure there"
            + naming_them,
        )


def warn_of_dense(finding, marked, known, endpoint):
    """A warning where the endpoint hardly tells a network that learnt nothing from one that learnt all."""
    share = marked.sum() / max(known.sum(), 1)
    if endpoint in OF_MASK and share >= DENSE:
        finding.warn(
            f"a network that marks every voxel has an IoU of {share:.2f} here: for cells that touch, "
            "`comparison: {endpoint: voi}` asks whether they come apart"
        )


def warn_of_flat(finding, drawn, patch_slices):
    """A warning where a 3-D network would learn from patches in which the same few slices come again."""
    runs = [max(end - first for first, end in ranges) for ranges in drawn.values() if ranges]
    short = [length for length in runs if length < patch_slices]
    if short:
        finding.warn(
            f"a network sees {patch_slices} slices at once; in {len(short)} of "
            f"{count_text(len(runs), 'draw')} at most {max(short)} of those that it learns from lie side by "
            "side, and patches are filled up with the same ones mirrored. Set `labels.strategy: first`, or "
            "raise labels.budgets"
        )


def warn_of_unmarked(finding, marked, known, blocks, naming_them):
    """A warning where over a quarter of a block's slices have no structure: labels may be missing."""
    for block, ranges in blocks.items():
        numbers = [z for z in slice_numbers(ranges) if known[z]]
        empty = [z for z in numbers if not marked[z]]
        if len(empty) > len(numbers) / 4:
            count = "has none and counts" if len(empty) == 1 else "have none and count"
            finding.warn(
                f"{len(empty)} of {count_text(len(numbers), f'{block} slice')} {count} as background: leave "
                f"them so if they are truly empty{naming_them}"
            )


def test_blocks(volume, depths, split, voxel_size_nm):
    """{fold: its test block} of every `split.fold` that the volume can be cut by."""
    if not split["test"] or volume["test"]:
        return {}
    found = {}
    for fold in range(folds_of(split["test"]) + 1):
        with suppress(SynthemError):
            found[fold] = blocks_of(volume, depths, split | {"fold": fold}, voxel_size_nm)["test"]
    return found


def shares_of(blocks, marked, known, objects):
    """{block: {slices, objects, foreground}}: the structure's share of what is known, None if nothing is.

    objects {block: how many}; {} for a sheet, which has None.
    """
    found = {}
    for name in ("train", "test"):
        if name in blocks:
            numbers = slice_numbers(blocks[name])
            sure = int(known[numbers].sum())
            share = round(float(marked[numbers].sum() / sure), 6) if sure else None
            found[name] = {"slices": len(numbers), "objects": objects.get(name), "foreground": share}
    return found


def note_blocks(finding):
    known = ((name, held) for name, held in finding.blocks.items() if held["foreground"] is not None)
    words = (
        f"{name} {'one sheet' if held['objects'] is None else count_text(held['objects'], 'object')} "
        f"({held['foreground']:.1%})"
        for name, held in known
    )
    finding.note(", ".join(words))


def warn_of_few(finding, objects, folds):
    """A warning where the test block has few objects, with the `split.fold` that has more."""
    if objects.get("test", FEWEST) >= FEWEST:
        return
    best = max(folds, key=lambda fold: objects[fold], default=None)
    better = best is not None and objects[best] > objects["test"]
    advice = f"split.fold: {best} has {objects[best]}" if better else "label more slices, or raise split.test"
    found = count_text(objects["test"], "object")
    finding.warn(f"{found} in the test block, at least {FEWEST} are needed; {advice}")


def warn_of_shared(finding, shared, split, voxel_size_nm, left_with):
    """A warning where objects lie in train and test block, with the gap that would part them.

    left_with: a gap in nm -> how many slices it leaves to train on.
    """
    if not shared.shared:
        return
    reach, lie = "reaches" if shared.tested == 1 else "reach", "lies" if shared.shared == 1 else "lie"
    words = (
        f"{shared.shared} of {count_text(shared.tested, 'object')} of the stack that {reach} the test block "
        f"({shared.shared_voxels / shared.voxels:.0%} of their voxels) also {lie} in the train block"
    )
    longest = shared.longest() * voxel_size_nm[0]
    if gap_in_slices(longest, voxel_size_nm[0]) <= gap_in_slices(split["gap_nm"], voxel_size_nm[0]):
        finding.warn(f"{words}, though the gap is as long as 95 % of all objects")
        return
    now, then = (left_with(gap) for gap in (split["gap_nm"], longest))
    advice = f"split.gap_nm: {longest:g} is as long as 95 % of all objects, and leaves {then} of {now} slices"
    advice += " to train on" if then else " to train on: only a test stack of its own would part them"
    finding.warn(f"{words}; {advice}")


def spelt(ranges):
    """Ranges as text, `0-9, 50`, as in `labelled_slices` of the config."""
    return ", ".join(f"{first}-{end - 1}" if end - first > 1 else f"{first}" for first, end in ranges)


def blocks_in_words(blocks, depth):
    """train 0-121, gap, test 143-164; stacks of their own lie behind `depth`.

    Where not all slices are labelled: train 0-5, 20; test 40-41; unlabelled 6-17, 23-27.
    """
    if "unlabelled" in blocks:
        return "split " + "; ".join(f"{name} {spelt(block)}" for name, block in blocks.items())
    ranges = sorted((*ends, block) for block, pieces in blocks.items() for ends in pieces)
    words, reached = [], 0
    for first, end, block in ranges:
        words += ["gap"] * (reached < first < depth)
        words.append(f"{block} {spelt([(first, end)])}")
        reached = end
    return "split " + ", ".join(words)


def check_structure(volume, part, draws, patch_slices, *, scored, endpoint, cutting):
    """Only where every mask of the structure is fine by itself: its own problems come first.

    In a volume that is not `scored` the blocks are counted, and need not hold any of the structure.
    """
    given = {block: finding for (block, known), finding in volume.findings.items() if known == part}
    seen = all((block, part) in volume.masks for block in given) and all_seen(volume)
    if not volume.blocks or "" not in given or not seen:
        return
    depths = {block: len(seen.digests) for block, seen in volume.images.items()}
    pieces = [(depth, *volume.masks.get((block, part), (None, 0))) for block, depth in depths.items()]
    marked, known = marks_per_slice(pieces)
    counts = {} if volume.objects.sheet else volume.objects.counts()
    given[""].blocks = shares_of(volume.blocks, marked, known, counts)
    if not scored:
        return
    note_blocks(given[""])
    warn_of_dense(given[""], marked, known, endpoint)
    if counts:
        warn_of_few(given[""], counts, volume.folds)
    shared = volume.shared.summary() if counts and volume.shared else None
    warn_of_cutting(given[""], volume.objects.sheet, shared.lengths if shared else Counter(), **cutting)
    if shared:
        warn_of_shared(given[""], shared, volume.split, volume.voxel_size_nm, volume.left_with)
    for block in depths:
        own = {
            name: ranges
            for name, ranges in volume.blocks.items()
            if (name if name in depths else "") == block and name != "unlabelled"
        }
        finding = given.get(block, given[""])
        naming_them = naming_labelled(finding.volume, block, marked, depths)
        with finding.catching():
            check_blocks(finding.source, marked, own, naming_them)
            if "train" in own:
                with naming(finding.volume):
                    check_budgets(own, draws)
                    drawn = drawn_to_learn(own, draws)
                check_draws(finding.source, marked, drawn, naming_them)
                warn_of_flat(finding, drawn, patch_slices)
        warn_of_unmarked(finding, marked, known, own, naming_them)

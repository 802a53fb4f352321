"""Checks a mask or labels: values, share of the structure, polarity, number of instances."""

import hashlib
from dataclasses import dataclass

import numpy as np

from synthem.checks.eight_bits import InBytes
from synthem.checks.findings import data_value_error
from synthem.checks.images import digest_of
from synthem.checks.levels import Between
from synthem.checks.numbering import Numbering
from synthem.ingest.histogram import Histogram
from synthem.ingest.marks import FULL, MOST_SHOWN, histogram_of, label_conversion, mask_conversion, shares
from synthem.sources.alpha import refuse_mask_in_alpha
from synthem.storage.naming import count_text

BY_NUMBERS = ("labels", "inside", "borders")  # `foreground` of masks that are made of instance numbers


@dataclass(frozen=True)
class SeenMask:
    """A mask that was read: marked and known voxels of each slice, and hashes of the slices."""

    marked: np.ndarray  # voxels of each slice
    known: np.ndarray
    raw: tuple  # digests of the slices as the file has them
    digests: tuple  # and as masks
    conversion: object  # what its values mean


@dataclass
class Sums:
    """Counts over a whole mask."""

    edge: int = 0  # voxels on the outline of their slice
    edge_marked: int = 0


def look_at_mask(finding, stack, entry, placement, *, main, start=0, objects=()):
    """Read the mask twice: first for its values, then for what they mark in the slices that count.

    add(slice of the volume, mask) of all `objects` is called for each in the order of z; `start`: the stack's
    first.
    """
    histogram, raw = _counted(stack, placement)
    if len(histogram.values) == 1:
        refuse_mask_in_alpha(stack)
    conversion = mask_conversion(entry, stack, histogram)
    by_values = not isinstance(entry["foreground"], str)
    if by_values and main:  # a test stack may well lack a rare class
        _refuse_absent(stack.source, entry["foreground"], histogram)
    levels = histogram.without(entry["ignore"])
    judged = entry["foreground"] in ("bright", "dark") and len(levels) > 2
    sums, between, digests = Sums(), Between(levels), []
    marked, known = np.zeros(stack.shape[0], np.int64), np.zeros(stack.shape[0], np.int64)
    for z, first, planes in placement.slabs(stack):
        unknown = conversion.unknown(planes)
        for k, (plane, mask) in enumerate(zip(planes, conversion.marks(planes), strict=True)):
            marked[first + k] = np.count_nonzero(mask)
            known[first + k] = mask.size - (0 if unknown is None else np.count_nonzero(unknown[k]))
            digests.append(hashlib.sha256(np.packbits(mask)).digest())
            _sum_up(sums, mask)
            if judged:
                between.add(plane)
            for one in objects:
                one.add(start + z + k, mask)
    finding.note(f"{marked.sum() / max(known.sum(), 1):.1%} of the voxels")
    if by_values:
        finding.note(f"values {shares(histogram)}")
    _note_ignored(finding, histogram, conversion)
    if judged:
        _judge_levels(finding, histogram, between)
    if by_values and not main and known.any() and not marked.any():
        finding.note("none of its values is in this stack")
    else:
        _judge_share(finding, entry["foreground"], marked.sum(), known.sum())
    _judge_polarity(finding, entry["foreground"], marked.sum() / known.sum(), sums)
    return SeenMask(marked, known, tuple(raw), tuple(digests), conversion)


def warn_of_eight_bits(finding, stack, entry, placement, instances):
    """Warn where a mask is made of instance numbers that ImageJ seems to have scaled: it lacks the first.

    instances: the entry of their labels, if any: where the mask is of the same files, these are warned of.
    """
    of_numbers = entry["foreground"] in BY_NUMBERS and stack.dtype == np.uint8
    if not of_numbers or (instances and instances["files"] == entry["files"]):
        return
    conversion, in_bytes = label_conversion(entry, stack, Histogram()), InBytes()  # 8 bits need no counting
    for z, _, planes in placement.slabs(stack):
        for k, labels in enumerate(conversion.marks(planes)):
            in_bytes.add(z + k, labels)
    if words := in_bytes.warning():
        finding.warn(words)


def look_at_labels(finding, stack, entry, placement, *, start=0, objects=()):
    """Read labels for their numbers; once more to call add(slice of the volume, labels) of all `objects`."""
    histogram = histogram_of(stack, placement)
    if len(histogram.values) == 1:
        refuse_mask_in_alpha(stack)
    conversion = label_conversion(entry, stack, histogram)
    numbers = histogram.without([0, *entry["background"], *entry["ignore"]])
    covered = histogram.counts[np.isin(histogram.values, numbers)].sum() / histogram.counts.sum()
    finding.note(f"{count_text(_count(stack, numbers), 'instance')} on {covered:.1%} of the voxels")
    if conversion.relabelled:
        finding.note(f"relabelled 1 to {len(numbers)}, they were {numbers[0]:g} to {numbers[-1]:g}")
    if len(numbers) and numbers[0] < 0:
        least = f"{numbers[0]:g}"
        finding.warn(f"{least} is taken for an instance; if it means unknown, say so: `ignore: [{least}]`")
    if len(histogram.values) <= MOST_SHOWN:
        finding.note(f"values {shares(histogram)}")
    _note_ignored(finding, histogram, conversion)
    if len(numbers) == 0:
        raise data_value_error(
            stack.source, "no voxel has a number", "some instances", "give the labels of this volume"
        )
    if not objects:
        return
    numbering, in_bytes = Numbering(), InBytes()
    looking = [*objects, *([] if stack.shapes else [numbering])]  # tiles are places of their own
    looking += [in_bytes] if stack.dtype == np.uint8 else []
    for z, _, planes in placement.slabs(stack):
        for k, labels in enumerate(conversion.marks(planes)):
            for one in looking:
                one.add(start + z + k, labels)
    for words in filter(None, (numbering.warning(), in_bytes.warning())):
        finding.warn(words)


def _count(stack, numbers):
    """Instances of a stack; of tiles those of each, since numbers begin anew in each."""
    if stack.shapes is None:
        return len(numbers)
    return sum(int(np.isin(np.unique(tile), numbers).sum()) for _, tile in stack.slabs())


def _counted(stack, placement):
    """(Histogram of the slices that count, digests of all slices); read once where all of them count."""
    histogram, digests = Histogram(), []
    all_count = np.isin(np.arange(stack.shape[0]), placement.slices).all()
    for first, planes in stack.slabs():
        if all_count:
            histogram.add(first, planes)
        digests += [digest_of(plane) for plane in planes]
    return histogram if all_count else histogram_of(stack, placement), digests


def _sum_up(sums, mask):
    inner = mask[1:-1, 1:-1]
    sums.edge += mask.size - inner.size
    sums.edge_marked += int(np.count_nonzero(mask)) - int(np.count_nonzero(inner))


def _refuse_absent(source, foreground, histogram):
    absent = [f"{value:g}" for value in foreground if value not in histogram.values]
    if absent:
        found = f"no voxel has the value {', '.join(absent)}; there are {shares(histogram)}"
        raise data_value_error(source, found, "values of `foreground` that occur", "correct `foreground`")


def _note_ignored(finding, histogram, conversion):
    if len(conversion.ignored):
        ignored = histogram.counts[np.isin(histogram.values, conversion.ignored)].sum()
        finding.note(f"{ignored / histogram.counts.sum():.1%} ignored")


def _judge_levels(finding, histogram, between):
    """More than two values: soft edges are fine, maps of classes or of instances and pictures are not."""
    levels = between.levels
    count, share = between.share(histogram)
    expected = "two values: background and structure"
    if between.are_classes(histogram):
        kind = "in flat regions, like classes or instances"
        kind = f"up to {levels[-1]}, like instance numbers" if between.are_numbered(histogram) else kind
        found = f"{len(levels)} values {kind}: {shares(histogram)}"
        fix = "list the values of the structure in `foreground: [values]`, or give the file under labels"
        raise data_value_error(finding.source, found, expected, fix)
    if between.are_picture(histogram):
        ends = f"{levels[0]:g} and {levels[-1]:g}"
        found = f"{len(levels)} values, and {share:.1%} of the voxels have one between {ends}"
        raise data_value_error(finding.source, found, expected, "give the mask, not an image")
    finding.warn(
        f"{count_text(len(levels) - 2, 'value')} between {levels[0]:g} and {levels[-1]:g} "
        f"on {count_text(count, 'voxel')} ({share:.2%}); "
        "above half of the brightest counts as bright"
    )


def _judge_share(finding, foreground, marked, known):
    dense = foreground == "labels" and marked >= FULL * known > 0
    fix = "leave out their borders: `foreground: inside`" if dense else "give the mask of this structure"
    if marked in (0, known):
        which = "known" if known == 0 else "marked"
        found = f"{'every' if marked and known else 'no'} voxel is {which}"
        raise data_value_error(finding.source, found, "some voxels marked", fix)
    if dense:
        finding.warn(f"{marked / known:.2%} of the voxels are marked, so a mask tells little; {fix}")


def _judge_polarity(finding, foreground, share, sums):
    """What fills most of the slices and most of their edges is background, as a rule."""
    at_edge = sums.edge_marked / max(sums.edge, 1)
    if foreground in ("bright", "dark") and share > 0.5 and at_edge > 0.5:
        other = "dark" if foreground == "bright" else "bright"
        finding.warn(
            f"{share:.1%} of the voxels are marked and {at_edge:.1%} along the edges of the slices; "
            f"if that is the background, give `foreground: {other}`"
        )

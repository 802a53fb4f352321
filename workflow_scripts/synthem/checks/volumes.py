"""Every data problem of a run, found before any training."""

from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np

from synthem.checks.findings import COLUMNS, Finding, in_nm, table_of, value_error
from synthem.checks.images import look_at_image, say_size, say_storage
from synthem.checks.leakage import find_copies, find_leaks
from synthem.checks.masks import look_at_labels, look_at_mask
from synthem.checks.pairing import compare_names
from synthem.checks.structure import check_blocks, marks_per_slice, warn_of_unmarked
from synthem.errors import SynthemError
from synthem.ingest.grey import Survey, grey_of
from synthem.ingest.pieces import blocks_of, origin_in, pieces_of, voxel_size_of
from synthem.sources.opening import open_stack

__all__ = ["COLUMNS", "check_volumes", "table_of"]


@dataclass
class Checked:
    """What is known of one volume after all its sources were looked at."""

    findings: dict  # (block, part) -> Finding, in the order of the table
    voxel_size_nm: tuple = ()
    grey: object = None
    blocks: dict = field(default_factory=dict)
    images: dict = field(default_factory=dict)  # block -> SeenImage
    masks: dict = field(default_factory=dict)  # (block, part) -> (SeenMask, its first slice in the image)


def check_volumes(volumes, *, split, structure, target, fractions):
    """Table rows (what was understood of each source) and the list of SynthemErrors of all volumes.

    The mask `structure` of the volume `target` must mark something in every block that is learnt from, tuned
    on or scored, and in the slices that each of the label `fractions` leaves.
    """
    checked = {name: _look_at_volume(name, volume, split) for name, volume in volumes.items()}
    _compare_volumes(checked, target)
    if target in checked:
        _check_structure(checked[target], f"masks/{structure}", fractions)
    findings = [finding for volume in checked.values() for finding in volume.findings.values()]
    return [finding.row() for finding in findings], [one for finding in findings for one in finding.problems]


def _look_at_volume(name, volume, split):
    checked = Checked({})
    for block, entry in pieces_of(volume).items():
        for part, files in _parts(entry):
            shown = f"{block}/{part}" if block else part
            checked.findings[block, part] = Finding(name, shown, files)
    with ExitStack() as files:
        images = _opened_images(checked, volume, files)
        _look_at_images(checked, volume, images)
        for block, entry in pieces_of(volume).items():
            _look_at_marks(checked, volume, entry, block, images.get(block))
    if len(images) == len(pieces_of(volume)):
        with checked.findings["", "image"].catching():
            depths = {block: image.shape[0] for block, image in images.items()}
            checked.blocks = _split(name, volume, depths, split)
            checked.findings["", "image"].say(_in_words(checked.blocks, depths[""]))
    return checked


def _parts(entry):
    yield "image", entry["image"]
    for group in ("masks", "labels", "withheld"):
        for name, part in entry.get(group, {}).items():
            yield f"{group}/{name}", part["files"]


def _opened_images(checked, volume, files):
    """{block: Stack} of the images that can be opened; the size of a voxel with the main one."""
    images = {}
    for block, entry in pieces_of(volume).items():
        finding = checked.findings[block, "image"]
        with finding.catching():
            images[block] = files.enter_context(open_stack(entry["image"], tiles=volume["tiles"], light=True))
            _describe(finding, images[block])
            if images[block].unwritten:
                finding.warn(f"{images[block].unwritten} are missing in the store, and read as blank")
            if images[block].white_is_zero:
                finding.say("white is 0 in the file; turned round, as viewers show it")
    if "" in images:
        finding = checked.findings["", "image"]
        with finding.catching():
            where = f"volumes.{finding.volume}.voxel_size_nm"
            checked.voxel_size_nm = voxel_size_of(volume, images[""], where)
    return images


def _look_at_images(checked, volume, images):
    survey = Survey(list(images.values()))
    for block, image in images.items():
        finding = checked.findings[block, "image"]
        if checked.voxel_size_nm:
            say_size(finding, image, volume["voxel_size_nm"], checked.voxel_size_nm)
        with finding.catching():
            checked.images[block] = look_at_image(finding, image, survey)
    if images and len(checked.images) == len(images):
        finding = checked.findings[next(iter(images)), "image"]
        with finding.catching():
            checked.grey = grey_of(list(images.values()), survey)
            say_storage(finding, checked.grey, survey, list(images.values()))


def _look_at_marks(checked, volume, entry, block, image):
    for group in ("masks", "labels", "withheld"):
        for name, part in entry.get(group, {}).items():
            finding = checked.findings[block, f"{group}/{name}"]
            with finding.catching(), open_stack(part["files"], tiles=volume["tiles"]) as stack:
                _describe(finding, stack)
                if stack.unwritten:  # nothing unusual: zarr does not write chunks of zeros
                    finding.say(f"{stack.unwritten} are missing in the store, and read as background")
                if stack.white_is_zero and part.get("foreground") in ("bright", "dark"):
                    finding.warn(
                        "white is 0 in the file: viewers show it turned round; here high numbers are bright"
                    )
                origin = _placed(finding, image, stack, checked.voxel_size_nm)
                with finding.catching():
                    _compare_names(finding, image, stack)
                if group == "labels":
                    look_at_labels(finding, stack, part)
                else:
                    seen = look_at_mask(finding, stack, part, main=not block)
                    _refuse_copy(checked, finding, block, seen)
                    checked.masks[block, f"{group}/{name}"] = seen, origin[0]


def _describe(finding, stack):
    finding.shape = " x ".join(map(str, stack.shape))
    finding.type = "1 bit" if stack.levels == 2 else str(stack.dtype)
    if stack.shapes and len(set(stack.shapes)) > 1:
        finding.say(f"tiles of {len(set(stack.shapes))} sizes")


def _placed(finding, image, stack, voxel_size_nm):
    """Where a mask lies in its image; without a readable image it is looked at alone."""
    if image is None:
        return 0, 0, 0
    origin = origin_in(image, stack, voxel_size_nm or (1, 1, 1))
    if stack.shape != image.shape[:3]:
        finding.say(f"from z, y, x = {list(origin)} of the image on; around it all is unknown")
    elif stack.offset_nm and not np.allclose(stack.offset_nm, image.offset_nm or (0, 0, 0)):
        finding.warn(
            f"the file says it begins at {in_nm(stack.offset_nm)} nm; it is taken to lie on the image"
        )
    return origin


def _compare_names(finding, image, stack):
    if image is not None:
        compare_names(finding, image, stack)


def _refuse_copy(checked, finding, block, seen):
    """A mask with the voxels of the image or of another mask is the wrong file."""
    if block in checked.images and tuple(checked.images[block].prints) == seen.raw:
        raise _copy(finding.source, "image")
    for (other, part), (mask, _) in checked.masks.items():
        if other == block and mask.prints == seen.prints:
            raise _copy(finding.source, part)


def _copy(source, part):
    return value_error(
        source, f"the same voxels as {part}", "a mask of its own", "give the file of this mask"
    )


def _split(name, volume, depths, split):
    try:
        return blocks_of(volume, depths, split)
    except SynthemError as problem:  # which knows nothing of volumes
        where, expected, fix = f"{problem.where} of {name}", problem.expected, problem.fix
        raise SynthemError(problem.code, where, problem.found, expected=expected, fix=fix) from problem


def _in_words(blocks, depth):
    """train 0-121, gap, validation 124-140, gap, test 143-164; stacks of their own lie behind `depth`."""
    ranges = sorted((*ends, block) for block, pieces in blocks.items() for ends in pieces)
    words, reached = [], 0
    for first, end, block in ranges:
        words += ["gap"] * (reached < first < depth)
        words.append(f"{block} {first}-{end - 1}")
        reached = end
    return "split " + ", ".join(words)


def _check_structure(volume, part, fractions):
    """Only where every mask of the structure is fine by itself: its own problems are told before."""
    given = {block: finding for (block, known), finding in volume.findings.items() if known == part}
    if not volume.blocks or "" not in given or any((block, part) not in volume.masks for block in given):
        return
    depths = {block: len(seen.prints) for block, seen in volume.images.items()}
    pieces = [(depth, *volume.masks.get((block, part), (None, 0))) for block, depth in depths.items()]
    marked, known = marks_per_slice(pieces)
    for block in depths:
        own = {
            name: ranges
            for name, ranges in volume.blocks.items()
            if (name if name in depths else "") == block
        }
        finding = given.get(block, given[""])
        with finding.catching():
            check_blocks(finding.source, marked, own, fractions)
        warn_of_unmarked(finding, marked, known, own)


def _compare_volumes(checked, target):
    """What only several volumes side by side show."""
    images = [
        (volume.findings[block, "image"], seen)
        for volume in checked.values()
        for block, seen in volume.images.items()
    ]
    find_copies(images)
    places = {
        name: (
            volume.blocks,
            [(volume.findings[block, "image"], seen) for block, seen in volume.images.items()],
        )
        for name, volume in checked.items()
        if volume.blocks and len(volume.images) == sum(part == "image" for _, part in volume.findings)
    }
    find_leaks(places, target)
    _compare_colours([volume for volume in checked.values() if volume.grey])
    _compare_sizes([volume for volume in checked.values() if volume.voxel_size_nm])


def _compare_colours(volumes):
    """A network that learnt on one kind of image is used on the other."""
    kinds = ["colour" if volume.grey.colour else "grey" for volume in volumes]
    for volume, kind in zip(volumes, kinds, strict=True):
        finding = volume.findings["", "image"]
        if kind != kinds[0]:
            first = volumes[0].findings["", "image"]
            with finding.catching():
                raise SynthemError(
                    "DATA_SHAPE",
                    finding.source,
                    f"{kind}, while {first.volume} is {kinds[0]}",
                    expected="source and target both grey, or both in colour",
                    fix="save the one in colour in grey",
                )


def _compare_sizes(volumes):
    """A warning where pixels are much larger than in another volume: networks see shapes in pixels."""
    finest = min((min(volume.voxel_size_nm[1:]) for volume in volumes), default=0)
    for volume in volumes:
        largest = max(volume.voxel_size_nm[1:])
        if largest > 1.5 * finest:
            words = f"pixels {largest / finest:.1f} times as large as the finest of this run"
            volume.findings["", "image"].warn(words)

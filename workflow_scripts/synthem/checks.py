"""Every data problem of a run, found before any training."""

import hashlib

import numpy as np

from synthem.errors import SynthemError, one_line
from synthem.sources import as_mask, read_stack
from synthem.sources import read_header as header_of
from synthem.splits import labelled_slices, split_slices

COLUMNS = ("volume", "part", "source", "shape", "type", "voxel_size_nm", "found", "problem")
PLAIN = (1, 255, 65535)  # how masks say "structure"; with another brightest value they may be instances
LARGEST_LABEL = 2**32 - 1


def check_volumes(volumes, *, split, structure=None, target=None, fractions=()):
    """Table rows (what was understood of each source) and the list of SynthemErrors of all volumes.

    The mask `structure` of the volume `target` must mark something in every block that is learnt from, tuned
    on or scored, and in the slices that each of the label `fractions` leaves.
    """
    rows, problems = [], []
    finest = min(size for volume in volumes.values() for size in volume["voxel_size_nm"][1:])
    for name, volume in volumes.items():
        image_shape, blocks, same = None, {}, {}
        for part, source in _parts(volume):
            row = {"volume": name, "part": part, "source": source} | dict.fromkeys(COLUMNS[3:], "")
            rows.append(row)
            try:
                header = header_of(source)
                if part == "image":  # known even if the image has another fault, to compare masks with
                    image_shape = header.shape
                stack = _checked(row, header, part, source, volume, image_shape)
                _refuse_copy(part, source, stack, same)
                if part == "image":
                    row["found"] += _coarse(volume["voxel_size_nm"], finest)
                    blocks = _split(name, len(stack), split)
                if (name, part) == (target, f"masks/{structure}") and blocks:
                    _check_blocks(source, as_mask(stack), blocks, fractions)
                    row["found"] += _unmarked(as_mask(stack), blocks)
            except SynthemError as problem:
                row["problem"] = str(problem)
                problems.append(problem)
    return rows, problems


def _split(name, depth, split):
    try:
        return split_slices(depth, **split)
    except SynthemError as problem:  # which knows nothing of volumes
        where, expected, fix = f"{problem.where} of {name}", problem.expected, problem.fix
        raise SynthemError(problem.code, where, problem.found, expected=expected, fix=fix) from problem


def _parts(volume):
    yield "image", volume["image"]
    for group in ("masks", "labels", "withheld"):
        for name, source in volume.get(group, {}).items():
            yield f"{group}/{name}", source


def _checked(row, header, part, source, volume, image_shape):
    """Fill the row; return the stack; raise the first problem of this source."""
    row |= {"shape": " x ".join(map(str, header.shape)), "type": str(header.dtype)}
    if part == "image":
        row["voxel_size_nm"] = _sizes(volume["voxel_size_nm"])
        own = header.voxel_size_nm
        if own and not np.allclose(own, volume["voxel_size_nm"], rtol=0.01):
            row["found"] = f"WARNING: the file says {_sizes(own)} nm; the config is used. "
    elif len(header.shape) != 3:
        found = f"shape {header.shape}"
        raise SynthemError("DATA_SHAPE", source, found, expected="one number a voxel", fix="save it in grey")
    elif image_shape and header.shape != image_shape[:3]:
        turned = sorted(header.shape) == sorted(image_shape[:3])
        raise SynthemError(
            "DATA_SHAPE",
            source,
            f"shape {header.shape}",
            expected=f"{image_shape[:3]} as the image",
            fix="transpose it to z, y, x" if turned else "use files that belong together",
        )
    stack = read_stack(source)
    check = {"image": _check_image, "labels": _check_labels}.get(part.split("/")[0], _check_mask)
    check(row, source, stack)
    return stack


def _check_image(row, source, image):
    if image.ndim == 4:  # the networks take one grey value for each voxel
        found = f"a colour image, {image.shape[3]} values a voxel"
        raise SynthemError("DATA_SHAPE", source, found, expected="one value a voxel", fix="save it in grey")
    if image.dtype not in (np.uint8, np.uint16):
        raise _format(source, f"type {image.dtype}", "uint8 or uint16", "convert the stack")
    low, high = int(image.min()), int(image.max())
    row["found"] += f"grey values {low} to {high}"
    if low == high:
        raise _value(source, f"every voxel is {low}", "an image", "export it again")
    blank = np.flatnonzero([plane.min() == plane.max() for plane in image])
    if len(blank):
        row["found"] += f"; WARNING: {len(blank)} blank slices, the first is {blank[0]}"


def _check_labels(row, source, stack):
    if stack.dtype.kind not in "bui":
        raise _format(source, f"type {stack.dtype}", "whole numbers from 0", "convert it")
    numbers = np.unique(stack)
    row["found"] = f"{np.count_nonzero(numbers)} instances"
    if numbers[0] < 0 or numbers[-1] > LARGEST_LABEL:
        found = f"instance numbers {numbers[0]} to {numbers[-1]}"
        raise _value(source, found, f"0 to {LARGEST_LABEL}", "number them again; 0 means none")


def _check_mask(row, source, stack):
    if stack.dtype.kind == "f" and not np.isfinite(stack).all():
        raise _value(source, "values that are not finite", "finite numbers", "export it again")
    share = as_mask(stack).mean() if stack.max() > 0 else 0.0
    row["found"] = f"{share:.1%} of the voxels"
    if share == 0 or stack.min() == stack.max():
        what = "no voxel is marked" if share == 0 else "every voxel is marked"
        raise _value(source, what, "some voxels marked", "give the mask of this structure")
    if share > 0.5:
        row["found"] += "; WARNING: more than half is marked; structure must be bright, background dark"
    values = np.unique(stack)
    if len(values) > 2 and stack.dtype.kind in "ui" and values[-1] not in PLAIN:
        found = f"{len(values)} different values up to {values[-1]}, like instance numbers"
        fix = "save the structure as one value, or give the file under labels"
        raise _value(source, found, "two values: background and structure", fix)
    if len(values) > 2:
        row["found"] += f"; WARNING: {len(values)} grey values, above half of the brightest is structure"


def _coarse(voxel_size_nm, finest):
    """A warning where pixels are much larger than in the other volume: networks see shapes in pixels."""
    if max(voxel_size_nm[1:]) <= 1.5 * finest:
        return ""
    return f"; WARNING: pixels {max(voxel_size_nm[1:]) / finest:.1f} times as large as the finest of this run"


def _unmarked(mask, blocks):
    """A warning where many slices of a block have no structure: forgotten labels teach background."""
    words = ""
    for block, (first, end) in blocks.items():
        empty = int((~mask[first:end].any(axis=(1, 2))).sum())
        if empty > (end - first) / 4:
            words += f"; WARNING: {empty} of {end - first} {block} slices have none and count as background"
    return words


def _refuse_copy(part, source, stack, same):
    """A mask with the voxels of the image or of another mask is the wrong file. `same`: hash -> part."""
    if part.startswith("labels/"):
        return
    voxels = stack if part == "image" else as_mask(stack)
    for seen in {_hash(stack), _hash(voxels)} & set(same):
        raise _value(
            source, f"the same voxels as {same[seen]}", "a mask of its own", "give the file of this mask"
        )
    same[_hash(voxels)] = part


def _hash(array):
    return hashlib.sha256(np.ascontiguousarray(array)).hexdigest() + str(array.shape)


def _check_blocks(source, mask, blocks, fractions):
    """Nothing to learn, to tune on or to score is an error: the results would look like results."""
    slices = {f"the {name} block": ends for name, ends in blocks.items()}
    slices |= {f"the label fraction {part:g}": labelled_slices(blocks, part) for part in sorted(fractions)}
    empty = {what: ends for what, ends in slices.items() if not mask[slice(*ends)].any()}
    if empty:
        named = ", ".join(f"{what} (slices {first} to {end - 1})" for what, (first, end) in empty.items())
        raise SynthemError(
            "DATA_SPLIT",
            source,
            f"no voxel is marked in {named}",
            expected="the structure in every block and label fraction",
            fix="change split or experiment.fractions, or mark the structure there",
        )


def _sizes(voxel_size_nm):
    return " x ".join(f"{size:g}" for size in voxel_size_nm)


def _value(source, found, expected, fix):
    return SynthemError("DATA_VALUE", source, found, expected=expected, fix=fix)


def _format(source, found, expected, fix):
    return SynthemError("DATA_FORMAT", source, found, expected=expected, fix=fix)


def table_of(rows):
    """The rows as plain text, one source a line, columns aligned."""
    shown = [dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]
    shown = [{column: one_line(row[column]) for column in COLUMNS} for row in shown]
    widths = {column: max(len(row[column]) for row in shown) for column in COLUMNS[:-1]}
    lines = ("  ".join(row[column].ljust(width) for column, width in widths.items()) for row in shown)
    return "\n".join(line.rstrip() for line in lines)

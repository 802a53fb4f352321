"""Every data problem of a run, found before any training."""

import numpy as np

from synthem.errors import SynthemError
from synthem.sources import as_mask, read_stack
from synthem.sources import read_header as header_of
from synthem.splits import split_slices

COLUMNS = ("volume", "part", "source", "shape", "type", "voxel_size_nm", "found", "problem")


def check_volumes(volumes, *, split):
    """Table rows (what was understood of each source) and the list of SynthemErrors of all volumes."""
    rows, problems = [], []
    for name, volume in volumes.items():
        image_shape = None
        for part, source in _parts(volume):
            row = {"volume": name, "part": part, "source": source, "problem": ""} | dict.fromkeys(
                COLUMNS[3:7], ""
            )
            rows.append(row)
            try:
                image_shape = _check_part(row, part, source, volume, image_shape)
            except SynthemError as problem:
                row["problem"] = str(problem)
                problems.append(problem)
        if image_shape:
            try:
                split_slices(image_shape[0], **split)
            except SynthemError as problem:
                problems.append(problem)
                rows[-1]["problem"] = rows[-1]["problem"] or f"{name}: {problem}"
    return rows, problems


def _parts(volume):
    yield "image", volume["image"]
    for group in ("masks", "labels", "withheld"):
        for name, source in volume[group].items():
            yield f"{group}/{name}", source


def _check_part(row, part, source, volume, image_shape):
    """Fill the row; return the shape of the image; raise the first problem of this source."""
    header = header_of(source)
    row |= {"shape": " x ".join(map(str, header.shape)), "type": str(header.dtype)}
    if part == "image":
        row["voxel_size_nm"] = " x ".join(f"{size:g}" for size in volume["voxel_size_nm"])
        if header.voxel_size_nm and not np.allclose(header.voxel_size_nm, volume["voxel_size_nm"], rtol=0.01):
            own = " x ".join(f"{size:g}" for size in header.voxel_size_nm)
            row["found"] = f"the file says {own} nm; the config is used. "
        _check_image(row, source, read_stack(source))
        return header.shape
    if image_shape and header.shape[:3] != image_shape[:3]:
        hint = (
            "transpose it"
            if sorted(header.shape[:3]) == sorted(image_shape[:3])
            else "use files that belong together"
        )
        raise SynthemError(
            "DATA_SHAPE",
            source,
            f"shape {header.shape}",
            expected=f"{image_shape[:3]} as the image",
            fix=hint,
        )
    if len(header.shape) != 3:
        raise SynthemError(
            "DATA_SHAPE",
            source,
            f"shape {header.shape}",
            expected="one number a voxel",
            fix="save it in grey",
        )
    _check_truth(row, part, source, read_stack(source))
    return image_shape


def _check_image(row, source, image):
    if image.dtype not in (np.uint8, np.uint16):
        raise SynthemError(
            "DATA_FORMAT", source, f"type {image.dtype}", expected="uint8 or uint16", fix="convert the stack"
        )
    low, high = int(image.min()), int(image.max())
    row["found"] += f"grey values {low} to {high}"
    if low == high:
        raise SynthemError(
            "DATA_VALUE", source, f"every voxel is {low}", expected="an image", fix="export it again"
        )
    spread = np.ptp(image.reshape(len(image), -1), axis=1)
    if (spread == 0).any():
        empty = np.flatnonzero(spread == 0)
        row["found"] += f"; WARNING: {len(empty)} blank slices, the first is {empty[0]}"


def _check_truth(row, part, source, stack):
    if stack.dtype.kind == "f" and not np.isfinite(stack).all():
        raise SynthemError(
            "DATA_VALUE",
            source,
            "values that are not finite",
            expected="finite numbers",
            fix="export it again",
        )
    if part.startswith("labels/"):
        row["found"] = f"{len(np.unique(stack)) - int((stack == 0).any())} instances"
        if stack.dtype.kind not in "bui" or stack.min() < 0:
            raise SynthemError(
                "DATA_FORMAT",
                source,
                f"type {stack.dtype}",
                expected="whole numbers from 0",
                fix="convert it",
            )
        return
    share = as_mask(stack).mean() if stack.max() > 0 else 0.0
    row["found"] = f"{share:.1%} of the voxels"
    if share in (0, 1):
        what = "no voxel is marked" if share == 0 else "every voxel is marked"
        raise SynthemError(
            "DATA_VALUE", source, what, expected="some voxels marked", fix="give the mask of this structure"
        )


def table_of(rows):
    """The rows as plain text, one source a line, columns aligned."""
    shown = [dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]
    widths = {column: max(len(str(row[column])) for row in shown) for column in COLUMNS[:-1]}
    lines = ("  ".join(str(row[column]).ljust(width) for column, width in widths.items()) for row in shown)
    return "\n".join(line.rstrip() for line in lines)

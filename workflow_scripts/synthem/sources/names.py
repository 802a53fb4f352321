"""The files that a source in the config names. Runs at each start: opens nothing, imports nothing large."""

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path

SLICE_SUFFIXES = (".png", ".tif", ".tiff")
JPEG_SUFFIXES = (".jpg", ".jpeg")
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")
MRC_SUFFIXES = (".mrc", ".rec", ".map", ".st")
NIFTI_SUFFIXES = (".nii", ".nii.gz")
PATTERN = re.compile(r"[*?[]")
NUMBER = re.compile(r"(\d+)")


def split_source(source):
    """`file.h5:dataset` or `store.zarr/array` -> (file, dataset); any other source -> (source, None).

    A `/` does where the file or the store is there; a `:` says so of one that is missing, too.
    """
    match = re.match(r"(.*\.(?:h5|hdf5|hdf|zarr)):(.+)$", source, re.IGNORECASE | re.DOTALL)
    if match:
        return match.group(1), match.group(2)
    if os.path.isfile(source) or is_pattern(source):  # a TIFF file may lie in any folder
        return source, None
    parts = Path(source).parts
    for end in range(len(parts), 0, -1):
        path, inside = Path(*parts[:end]), parts[end:]
        if (is_store(path) or _is_hdf5(path)) and ".." not in inside:
            return str(path), "/".join(inside) or None
    return source, None


def is_store(path):
    """Whether a path is a Zarr store, which is a folder."""
    return str(path).lower().endswith(".zarr") and os.path.isdir(path)


def _is_hdf5(path):
    return path.suffix.lower() in HDF5_SUFFIXES and os.path.isfile(path)


def is_pattern(source):
    """Whether a source has * ? or [; a name that exists is that file, whatever characters it has."""
    return bool(PATTERN.search(source)) and not os.path.lexists(source)


def files_of(source):
    """The files behind a source, slices in order; those that do not exist are listed too."""
    name, inside = split_source(source)
    path = Path(name)
    if is_store(path):
        return sorted(Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    if inside:
        return [path]
    if is_pattern(name):
        return in_order(_slices(set(_matching(Path(path.anchor), path.parts))))
    if not os.path.isdir(path):  # pathlib raises for names that are too long; the check reports them
        return [path]
    try:
        return in_order(_slices(path.iterdir()))
    except OSError:
        return []


def is_slice(file):
    return file.suffix.lower() in SLICE_SUFFIXES and not file.name.startswith(".")


def is_jpeg(file):
    return file.suffix.lower() in JPEG_SUFFIXES and not file.name.startswith(".")


def _slices(files):
    """The PNG and TIFF files; where there are none the JPEG files, which beside others are previews."""
    files = list(files)
    return [file for file in files if is_slice(file)] or [file for file in files if is_jpeg(file)]


def is_nifti(file):
    return file.name.lower().endswith(NIFTI_SUFFIXES) and not file.name.startswith(".")


def _matching(folder, parts):
    """The files below `folder` that fit a pattern. `**` follows no links: a loop of them would never end."""
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _matching(folder, rest or ("*",))
        for name in _held(folder):
            if os.path.isdir(folder / name) and not os.path.islink(folder / name):
                yield from _matching(folder / name, parts)
    elif PATTERN.search(part):
        for name in _held(folder):
            if fnmatchcase(name, part):
                yield from _matching(folder / name, rest)
    else:
        yield from _matching(folder / part, rest)


def _held(folder):
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]
    except (OSError, ValueError):
        return []


def in_order(files):
    """Files sorted by the last number that varies, if no two share it; else slice2 before slice10."""
    files = sorted(files, key=lambda file: natural(str(file)))
    numbers = _varying([str(file) for file in files])
    if not numbers or len(set(numbers[-1])) < len(files):
        return files
    return [file for _, file in sorted(zip(numbers[-1], files, strict=True))]


def orders_differ(names):
    """Whether two numbers in the names of slices would each order them, not alike: `sec_2_img_8801.png`."""
    orders = [column for column in _varying(names) if len(set(column)) == len(names)]
    ranks = {tuple(sorted(range(len(names)), key=column.__getitem__)) for column in orders}
    return len(ranks) > 1


def slice_numbers(names):
    """The number of each slice where the names differ in one number only (`z_007.png`), else None."""
    numbers = _varying(names)
    return numbers[0] if len(numbers) == 1 else None


def _varying(names):
    """For each place of the names where the number varies: those numbers. None if the words vary too."""
    split = [NUMBER.split(name) for name in names]
    if len({tuple(word.lower() for word in parts[::2]) for parts in split}) != 1:
        return []
    places = zip(*(parts[1::2] for parts in split), strict=True)
    return [[int(digits) for digits in place] for place in places if len(set(place)) > 1]


def natural(name):
    """A key that puts slice2 before slice10, and slice01 and slice1 in an order that is always the same."""
    parts = NUMBER.split(name)
    return [int(part) if odd % 2 else part for odd, part in enumerate(parts)], name

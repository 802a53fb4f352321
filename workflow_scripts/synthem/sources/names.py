"""The files that a source in the config names. Runs at each start: opens nothing, imports nothing large."""

import os
import re
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

SLICE_SUFFIXES = (".png", ".tif", ".tiff")
JPEG_SUFFIXES = (".jpg", ".jpeg")
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")
MRC_SUFFIXES = (".mrc", ".rec", ".map", ".st")
NIFTI_SUFFIXES = (".nii", ".nii.gz")
PATTERN = re.compile(r"[*?[]")
NUMBER = re.compile(r"(\d+)")
# A number with a fraction, `12.50`, but no part of a date or a version, `1.2.3`; else a whole one.
DECIMAL = re.compile(r"((?<!\d)(?<!\d\.)\d+\.\d+(?!\.?\d)|\d+)")


def split_source(source):
    """`file.h5:dataset` or `store.zarr/array` -> (file, dataset); any other source -> (source, None).

    A `/` does where the file or the store is there; a `:` says so of one that is missing, too.
    """
    match = re.match(r"(.*\.(?:h5|hdf5|hdf|zarr)):(.+)$", source, re.IGNORECASE | re.DOTALL)
    if match:
        return match.group(1), match.group(2)
    if os.path.isfile(source) or is_pattern(source) or _is_folder_of_files(source):
        return source, None  # they may lie in any folder, also in one that is named like a store
    parts = Path(source).parts
    for end in range(len(parts), 0, -1):
        path, inside = Path(*parts[:end]), parts[end:]
        if (is_store(path) or _is_hdf5(path)) and ".." not in inside:
            return str(path), "/".join(inside) or None
    return source, None


def is_store(path):
    """Whether a path is a Zarr store, which is a folder."""
    return str(path).lower().endswith(".zarr") and os.path.isdir(path)


def _is_folder_of_files(source):
    ends = (*SLICE_SUFFIXES, *JPEG_SUFFIXES)
    return os.path.isdir(source) and any(name.lower().endswith(ends) for name in _held(source))


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
    files = {str(file): file for file in files}
    return [files[name] for name in _in_order_of(_varying, files)]


def _in_order_of(varying, names):
    names = sorted(names, key=natural)
    columns = varying(names)
    if not columns or len(set(columns[-1].numbers)) < len(names):
        return names
    return [name for _, name in sorted(zip(columns[-1].numbers, names, strict=True))]


def orders_differ(names):
    """Whether two numbers in the names of slices would each order them, not alike: `sec_2_img_8801.png`."""
    columns = (column.numbers for column in _varying(names))
    orders = [numbers for numbers in columns if len(set(numbers)) == len(names)]
    ranks = {tuple(sorted(range(len(names)), key=numbers.__getitem__)) for numbers in orders}
    return len(ranks) > 1


def decimals_in_doubt(names):
    """Whether slices in the order of decimals (`z12.5`) have another where each is two numbers, 12 and 5.

    Of decimals in equal steps, of more than two slices, there is no doubt.
    """
    columns = [column.numbers for column in _varying(names) if column.decimal]
    uneven = any(len({b - a for a, b in pairwise(sorted(numbers))}) > 1 for numbers in columns)
    return (uneven or len(names) == 2) and _in_order_of(_varying_whole, names) != list(names)


def numbers_in_names(names):
    """The number of each slice where the names differ in one number only (`z_007.png`), else None.

    Decimals are no numbers of slices but places along z: nothing is missing where they go on unevenly.
    """
    columns = _varying(names)
    return columns[0].numbers if len(columns) == 1 and not columns[0].decimal else None


class _Column(NamedTuple):
    """The numbers at one place of all names; decimals are whole multiples of their last digit."""

    numbers: list
    decimal: bool


def _varying(names):
    """A _Column for each place of the names where the number varies; none if the words vary too."""
    columns = _split(DECIMAL, names)
    parts = [[text.partition(".")[::2] for text in column] for column in columns]
    if not columns or not all(_are_decimals(*zip(*column, strict=True)) for column in parts):
        return _varying_whole(names)
    return [_column(*zip(*column, strict=True)) for column in parts if len(set(column)) > 1]


def _varying_whole(names):
    """`_varying` with whole numbers alone: `12.5` is 12 at one place and 5 at the next."""
    return [_Column(list(map(int, texts)), False) for texts in _split(NUMBER, names) if len(set(texts)) > 1]


def _split(number, names):
    """For each place of a number in the names: its digits in all of them. [] if the words vary."""
    split = [number.split(name) for name in names]
    if len({tuple(word.lower() for word in parts[::2]) for parts in split}) != 1:
        return []
    return list(zip(*(parts[1::2] for parts in split), strict=True))


def _are_decimals(wholes, fractions):
    """Whether the digits behind points are fractions: those of 2.9 and 2.10 are not, for they count on.

    So do those of 1.9 and 1.11, slices of a series of which few are missing. 13.00 does not count.
    """
    alike = len({len(digits) for digits in fractions}) == 1
    padded = any(len(digits) > 1 and digits.startswith("0") for digits in fractions)
    counting = any(len(digits) > 1 and digits.endswith("0") for digits in fractions)
    return alike or padded or not (counting or _is_series(wholes, [int(digits or 0) for digits in fractions]))


def _is_series(wholes, counted):
    """Whether numbers are those of slices of one series: at least every other one is there."""
    return len(set(wholes)) == 1 and int(wholes[0]) > 0 and max(counted) - min(counted) < 2 * len(counted)


def _column(wholes, fractions):
    longest = max(map(len, fractions))
    if len(set(fractions)) == 1:
        return _Column(list(map(int, wholes)), False)
    if len(set(wholes)) == 1 and {longest} == set(map(len, fractions)):  # a series and its slices, as likely
        return _Column(list(map(int, fractions)), False)
    digits = (whole + fraction.ljust(longest, "0") for whole, fraction in zip(wholes, fractions, strict=True))
    return _Column(list(map(int, digits)), True)


def natural(name):
    """A key that puts slice2 before slice10, and slice01 and slice1 in an order that is always the same."""
    parts = NUMBER.split(name)
    return [int(part) if odd % 2 else part for odd, part in enumerate(parts)], name

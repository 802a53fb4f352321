"""Which files a source of the config names; nothing is opened, and nothing large imported, at each start."""

import os
import re
from pathlib import Path

SLICE_SUFFIXES = (".png", ".tif", ".tiff")


def split_source(source):
    """`file.h5:dataset` -> (file, dataset); any other source -> (source, None)."""
    match = re.match(r"(.*\.(?:h5|hdf5|hdf)):(.+)$", source, re.IGNORECASE | re.DOTALL)
    return (match.group(1), match.group(2)) if match else (source, None)


def files_of(source):
    """The files behind a source, slices in natural order; those that do not exist are listed too."""
    path = Path(split_source(source)[0])
    if not os.path.isdir(path):  # pathlib raises for names that are too long; this is for a check to say
        return [path]
    try:
        found = [file for file in path.iterdir() if is_slice(file)]
    except OSError:
        return []
    return sorted(found, key=lambda file: natural(file.name))


def is_slice(file):
    return file.suffix.lower() in SLICE_SUFFIXES and not file.name.startswith(".")


def natural(name):
    """A key that puts slice2 before slice10, and slice01 and slice1 in an order that is always the same."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if odd % 2 else part for odd, part in enumerate(parts)], name

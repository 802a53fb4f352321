"""The data folders as a tree in plain text: what was there, how many files, how large."""

import os
import re
import stat
from itertools import groupby
from pathlib import Path

from synthem.errors import bytes_in_words, one_line
from synthem.storage.naming import count_text

MOST_ALIKE = 20  # files whose names differ only in numbers, before they become one line
DEEPEST = 50  # folders in folders


def tree_of(folders):
    """Folders and files -> a tree, one line each; links inside are named, never followed.

    What is missing is named, too; the check makes it an error.
    """
    lines = []
    for folder in map(Path, folders):
        lines += _lines(Path(os.path.realpath(folder)), str(folder), DEEPEST)[0]
    return "".join(f"{line}\n" for line in lines)


def _lines(path, name, depth):
    """(lines, files, bytes) of whatever lies at the path."""
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            return [one_line(f"{name} -> {os.readlink(path)}")], 0, 0
        if stat.S_ISREG(found.st_mode):
            return [one_line(f"{name} ({bytes_in_words(found.st_size)})")], 1, found.st_size
        if not stat.S_ISDIR(found.st_mode):
            return [one_line(f"{name} (not a plain file)")], 0, 0
        if depth == 0:
            return [one_line(f"{name}/ (not listed: deeper than {DEEPEST} folders)")], 0, 0
        with os.scandir(path) as entries:
            # Hidden files are notes of programs: Snakemake's time stamps, .DS_Store.
            held = sorted((entry for entry in entries if not entry.name.startswith(".")), key=_order)
    except OSError as error:
        return [one_line(f"{name} (not readable: {error.strerror})")], 0, 0
    return _folder_lines(path, name, held, depth)


def _folder_lines(path, name, held, depth):
    blocks, files, size = [], 0, 0
    for (_, plain), alike in groupby(held, _kind):
        found = [(entry.name, *_lines(path / entry.name, entry.name, depth - 1)) for entry in alike]
        here, bytes_here = sum(count for *_, count, _ in found), sum(each for *_, each in found)
        if plain and len(found) > MOST_ALIKE:
            in_all = f"{count_text(here, 'file')}, {bytes_in_words(bytes_here)}"
            blocks.append([one_line(f"{found[0][0]} ... {found[-1][0]} ({in_all})")])
        else:
            blocks += [lines for _, lines, *_ in found]
        files, size = files + here, size + bytes_here
    lines = [one_line(f"{name.rstrip('/')}/ ({count_text(files, 'file')}, {bytes_in_words(size)})")]
    for number, (first, *rest) in enumerate(blocks, start=1):
        branch, trunk = ("└── ", "    ") if number == len(blocks) else ("├── ", "│   ")
        lines += [branch + first, *(trunk + line for line in rest)]
    return lines, files, size


def _kind(entry):
    """Entries of one kind: names that differ only in numbers, and all of them plain files or none."""
    return re.sub("[0-9]+", "#", entry.name), entry.is_file(follow_symlinks=False)


def _order(entry):
    return *_kind(entry), [int(number) for number in re.findall("[0-9]+", entry.name)], entry.name

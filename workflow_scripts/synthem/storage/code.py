"""A hash of the code that a file reaches by imports: what staleness and the cache of kernels compare."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path

from synthem.storage.syntaxes import syntax_in
from synthem.syntax import hash_of

# Modules that show a training while it runs: no result depends on how it is looked at, and nobody wants to
# train all networks again for another colour.
FOR_LOOKS = {"synthem/training/live_page.py", "synthem/training/tensorboard.py"}


def code_hash(file, beside=(), *, root=None):
    """Hash of the syntax trees of a file and of every module below `root` that it imports, directly or not.

    beside: dotted names of what it imports by no statement, as `synthem.networks.unet.UNet`. root: the folder
    of the project's modules and scripts; by default that of the file. Comments, docstrings, blank lines and
    the place of the project on the disk do not count, nor do modules FOR_LOOKS. The bytes of a file or folder
    count that a module names by `Path(__file__).with_name("templates")`.
    """
    return hashlib.sha256(json.dumps(sorted(reached(file, beside, root=root).items())).encode()).hexdigest()


def reached(file, beside=(), *, root=None):
    """{file: its hash} of what `code_hash` counts, by the paths below `root`."""
    file = Path(file)
    root = Path(root or file.parent)
    seen = {}
    waiting = [file.name, *(found for name in beside for found in _files_of(root, name))]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            path = str(file) if name == file.name else f"{root}/{name}"
            now = os.stat(path)
            seen[name], imported, named = _as_it_is(root, path, now.st_mtime_ns, now.st_size, now.st_ino)
            for one in named:
                for data in _files_at(Path(path).with_name(one)):
                    seen[str(Path(name).parent / data.relative_to(Path(path).parent))] = hash_of(data)
            waiting += imported
    return seen


@cache
def _as_it_is(root, path, *state):
    """What one module is: (hash, the project's files that it imports, names of its data).

    A start of Snakemake asks for most modules a hundred times; `state` says that nobody wrote to it between.
    """
    meaning, modules, named = syntax_in(root, path)
    imported = [found for module in modules for found in _files_of(root, module) if found not in FOR_LOOKS]
    return meaning, imported, named


def _files_at(path):
    """A file, or all files of a folder; hidden ones are those of editors and systems."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return [
        file
        for file in files
        if file.is_file() and not file.name.startswith(".") and not file.name.endswith("~")
    ]


@cache
def _files_of(root, module):
    """The project's files that importing a module runs: itself and the packages around it."""
    path, files = "", []
    for part in module.split("."):
        path = os.path.join(path, part)
        found = [file for file in (f"{path}.py", f"{path}/__init__.py") if os.path.isfile(f"{root}/{file}")]
        files += found
        if not found and not os.path.isdir(f"{root}/{path}"):  # of another project, or inside of a module
            break
    return files

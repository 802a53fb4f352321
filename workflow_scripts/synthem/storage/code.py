"""A hash of the code that a file reaches by imports: what staleness and the cache of kernels compare."""

import hashlib
import json
import os
from pathlib import Path

from synthem.storage.syntaxes import syntax_in
from synthem.syntax import bytes_of, hash_of

# Modules that show a training while it runs: no result depends on how it is looked at, and nobody wants to
# train all networks again for another colour.
FOR_LOOKS = {"synthem/training/live_page.py", "synthem/training/tensorboard.py"}
# Lists of the config's words and the dotted names of their classes, and nothing else: a result depends on the
# class that is chosen, which `beside` names, not on what else could have been. A network that somebody adds
# trains no other one again.
LISTS = {"synthem/gans/objectives.py", "synthem/networks/registry.py"}


class Code:
    """The project's modules and scripts below a folder, each as it is when it is first asked for.

    A start of Snakemake asks for most modules a hundred times; a file system across a network takes its time
    to say that nobody wrote to them between.
    """

    def __init__(self, root):
        self.root = str(root)
        self.modules, self.runs, self.places = {}, {}, {}

    def hash(self, file, beside=()):
        """Hash of the syntax trees of a file and of all below the folder that it imports, directly or not.

        file: a path from the folder, or one of a file anywhere, whose name alone counts. beside: dotted
        names of what it imports by no statement, as `synthem.networks.unet.UNet`. Comments, docstrings, blank
        lines and the place of the project on the disk do not count, nor do modules FOR_LOOKS and LISTS. The
        bytes of a file or folder count that a module names by `Path(__file__).with_name("templates")`.
        """
        reached = {name: hashes for name, hashes in self.reached(file, beside).items() if name not in LISTS}
        meanings = sorted((name, meaning) for name, (_, meaning) in reached.items())
        return hashlib.sha256(json.dumps([*meanings, *sorted(set(beside))]).encode()).hexdigest()

    def reached(self, file, beside=()):
        """{file: (hash of its bytes, of its meaning)} of what `hash` counts, and of LISTS.

        Files by their paths below the folder.
        """
        hashes, imported, data = self._module(file)
        found = {os.path.basename(file): hashes} | data
        waiting = [*imported, *(path for name in beside for path in self._files_of(name))]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name], imported, data = self._module(name)
                found |= data
                waiting += imported
        return found

    def _module(self, file):
        """What a file is: (its hashes, the project's files that it imports, {data beside it: hashes})."""
        if file not in self.modules:
            path, folder = Path(self.root, file), os.path.dirname(file)
            written, meaning, imports, named = syntax_in(self.root, path)
            imported = [one for name in imports for one in self._files_of(name) if one not in FOR_LOOKS]
            data = [one for name in named for one in _files_at(path.parent / name)]
            hashes = {
                os.path.join(folder, one.relative_to(path.parent)): (bytes_of(one), hash_of(one))
                for one in data
            }
            self.modules[file] = (written, meaning), imported, hashes
        return self.modules[file]

    def _files_of(self, module):
        """The project's files that importing a module runs: itself and the packages around it."""
        if module not in self.runs:
            path, files = "", []
            for part in module.split("."):
                path = os.path.join(path, part)
                found, is_package = self._place(path)
                files += found
                if not is_package:  # of another project, or what follows is inside of a module
                    break
            self.runs[module] = files
        return self.runs[module]

    def _place(self, path):
        """The files that a dotted name runs, and whether modules lie below it."""
        if path not in self.places:
            names = [f"{path}.py", f"{path}/__init__.py"]
            found = [name for name in names if os.path.isfile(os.path.join(self.root, name))]
            self.places[path] = found, os.path.isdir(os.path.join(self.root, path))
        return self.places[path]


def _files_at(path):
    """A file, or all files of a folder; hidden ones are those of editors and systems."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return [
        file
        for file in files
        if file.is_file() and not file.name.startswith(".") and not file.name.endswith("~")
    ]

"""A hash of the code that a file reaches by imports: what staleness and the cache of kernels compare."""

import ast
import hashlib
import json
import os
from functools import cache
from pathlib import Path

DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")  # where statements hold others


def code_hash(file, beside=(), *, root=None):
    """Hash of the syntax trees of a file and of every module below `root` that it imports, directly or not.

    beside: dotted names of what it imports by no statement, as `synthem.networks.unet.UNet`. root: the folder
    of the project's modules and scripts; by default that of the file. Comments, docstrings, blank lines and
    the place of the project on the disk do not count.
    """
    file = Path(file)
    root = Path(root or file.parent)
    seen, imported = {}, set()
    waiting = [file.name, *(found for name in beside for found in _files_of(root, name))]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name], reached = _module((file if name == file.name else root / name).read_bytes())
            waiting += [found for module in reached - imported for found in _files_of(root, module)]
            imported |= reached
    return hashlib.sha256(json.dumps(sorted(seen.items())).encode()).hexdigest()


@cache
def _module(source):
    """Hash of one file's syntax tree, and the names of the modules that it imports (absolute ones)."""
    tree = ast.parse(source)
    reached = set()
    for statement in _statements(tree):
        if isinstance(statement, ast.Import):
            reached |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            # `from synthem.networks import unet` may name a module or something inside one.
            module = statement.module
            reached |= {module} | {f"{module}.{alias.name}" for alias in statement.names}
        elif isinstance(statement, DOCUMENTED) and ast.get_docstring(statement) is not None:
            del statement.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), reached


def _statements(tree):
    """A module and all statements in it: expressions, most of a tree, hold neither imports nor docstrings."""
    yield tree
    for field in BLOCKS:
        block = getattr(tree, field, ())
        for statement in block if isinstance(block, list) else ():  # the body of a lambda is an expression
            yield from _statements(statement)


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

"""A hash of the code that a file reaches by imports: what staleness and the cache of kernels compare."""

import ast
import hashlib
import json
import os
from functools import cache
from pathlib import Path

BESIDE = "Path(__file__).with_name"  # how a module names data that lies beside it
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_hash(file, beside=(), *, root=None):
    """Hash of the syntax trees of a file and of every module below `root` that it imports, directly or not.

    beside: dotted names of what it imports by no statement, as `synthem.networks.unet.UNet`. root: the folder
    of the project's modules and scripts; by default that of the file. Comments, docstrings, blank lines and
    the place of the project on the disk do not count. The bytes of a file or folder count that a module names
    by `Path(__file__).with_name("templates")`.
    """
    file = Path(file)
    root = Path(root or file.parent)
    seen, imported = {}, set()
    waiting = [file.name, *(found for name in beside for found in _files_of(root, name))]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            path = file if name == file.name else root / name
            seen[name], reached, named = _module(path.read_bytes())
            seen |= {f"{name}: {one}": _bytes(path.with_name(one)) for one in named}
            waiting += [found for module in reached - imported for found in _files_of(root, module)]
            imported |= reached
    return hashlib.sha256(json.dumps(sorted(seen.items())).encode()).hexdigest()


@cache
def _module(source):
    """Hash of a file's syntax tree, the modules that it imports (absolute names), what it names beside it."""
    tree = ast.parse(source)
    reached, named = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            reached |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # `from synthem.networks import unet` may name a module or something inside one.
            reached |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            del node.body[0]
        elif isinstance(node, ast.Call) and _is_beside(node.func):
            named.add(ast.literal_eval(node.args[0]))
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), reached, named


def _is_beside(function):
    """Whether this is `Path(__file__).with_name`; most calls are seen not to be by one word."""
    return getattr(function, "attr", "") == "with_name" and ast.unparse(function) == BESIDE


def _bytes(path):
    """{name: hash} of a file, or of all files of a folder; hidden ones are those of editors and systems."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return {
        str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.is_file() and not file.name.startswith(".") and not file.name.endswith("~")
    }


def _files_of(root, module):
    """The project's files that importing a module runs: itself and the packages around it."""
    path = ""
    for part in module.split("."):
        path = os.path.join(path, part)
        found = [file for file in (f"{path}.py", f"{path}/__init__.py") if os.path.isfile(f"{root}/{file}")]
        yield from found
        if not found and not os.path.isdir(f"{root}/{path}"):  # of another project, or inside of a module
            return

"""The source of a network as one file that needs nothing but torch: what other programs build it with."""

import ast
import sys
from pathlib import Path

HEAD = '''"""The network {name}: a part of Synthem, put in one file by its export."""
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Synthem authors

'''


def source_of(network):
    """The text of a module that defines the class `network`, with all code of the project that it uses."""
    pieces = {}  # {name: lines of code}, what is used before what uses it
    imports = set()
    _collect(network.__module__, network.__name__, pieces, imports)
    code = "\n\n\n".join(pieces.values())
    return HEAD.format(name=network.__name__) + "\n".join(sorted(imports)) + "\n\n\n" + code + "\n"


def _collect(module, name, pieces, imports):
    """Add the definition of a name in a module, and before it those of all names of modules that it uses."""
    text = Path(sys.modules[module].__file__).read_text(encoding="utf-8")
    statements = {bound: node for node in ast.parse(text).body for bound in _bound_by(node)}
    node = statements[name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == module.split(".")[0]:
            _collect(node.module, name, pieces, imports)
        else:
            imports.add(_import_of(node, name))
        return
    name, code = _bound_by(node)[0], _lines_of(text, node)
    if name in pieces:
        if pieces[name] != code:
            raise ValueError(f"two definitions of {name} in what {module} uses")
        return
    pieces[name] = code
    loaded = (one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    for other in sorted({one.id for one in loaded} & statements.keys()):
        _collect(module, other, pieces, imports)
    pieces[name] = pieces.pop(name)  # behind what it uses


def _bound_by(node):
    """The names that a statement of a module gives a meaning to."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.Assign):
        return [one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return []


def _import_of(node, name):
    """The statement that imports one of the names of an import."""
    alias = next(one for one in node.names if (one.asname or one.name) == name)
    words = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
    return words if isinstance(node, ast.Import) else f"from {node.module} {words}"


def _lines_of(text, node):
    """The lines of a statement with its decorators and the comments behind it."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])

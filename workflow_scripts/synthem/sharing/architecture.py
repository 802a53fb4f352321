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
    imports = {}  # {name: statement}, of what the project does not define
    _collect(network.__module__, network.__name__, pieces, imports)
    code = "\n\n\n".join(pieces.values())
    statements = "\n".join(sorted(set(imports.values())))
    return HEAD.format(name=network.__name__) + statements + "\n\n\n" + code + "\n"


def _collect(module, name, pieces, imports):
    """Add the definition of a name in a module, and before it those of all names of modules that it uses."""
    text = Path(sys.modules[module].__file__).read_text(encoding="utf-8")
    statements = {bound: node for node in ast.parse(text).body for bound in _bound_by(node)}
    if name not in statements:
        raise ValueError(f"{module} has no statement that gives {name} a meaning")
    node = statements[name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        _collect_import(module, node, name, pieces, imports)
        return
    name, code = _bound_by(node)[0], _lines_of(text, node)
    if not _is_new(name, code, pieces, imports):
        return
    pieces[name] = code
    loaded = (one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    for other in sorted({one.id for one in loaded} & statements.keys()):
        _collect(module, other, pieces, imports)
    pieces[name] = pieces.pop(name)  # behind what it uses


def _collect_import(module, node, name, pieces, imports):
    """The same for a name that a statement imports: of the project its definition, else that statement."""
    alias = next(one for one in node.names if (one.asname or one.name) == name)
    source = node.module if isinstance(node, ast.ImportFrom) else alias.name
    if source.split(".")[0] != module.split(".")[0]:
        if _is_new(name, statement := _import_of(node, alias), pieces, imports):
            imports[name] = statement
        return
    if isinstance(node, ast.Import):
        raise ValueError(f"{module} imports the module {source} whole: its names cannot be told apart")
    _collect(source, alias.name, pieces, imports)
    if name != alias.name and _is_new(name, same := f"{name} = {alias.name}", pieces, imports):
        pieces[name] = same


def _is_new(name, code, pieces, imports):
    """Whether nothing has the name yet. In one file it has one meaning: another is an error."""
    known = {**imports, **pieces}.get(name, code)
    if known != code:
        raise ValueError(f"{name} would have two meanings in one file: {known.strip()} and {code.strip()}")
    return name not in pieces and name not in imports


def _bound_by(node):
    """The names that a statement of a module gives a meaning to."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
    names = (one for target in targets for one in ast.walk(target))
    return [one.id for one in names if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]


def _import_of(node, alias):
    """The statement that imports one of the names of an import."""
    words = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
    return words if isinstance(node, ast.Import) else f"from {node.module} {words}"


def _lines_of(text, node):
    """The lines of a statement with its decorators and the comments behind it."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])

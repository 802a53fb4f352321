"""Hashes of source files by their syntax trees, without comments and docstrings, and what they import."""

import ast
import hashlib
from functools import cache

BESIDE = "Path(__file__).with_name"  # how a module names data that lies beside it
BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")  # where statements hold others
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def hash_of(path):
    """Hash of what a file means: of Python code its syntax tree, of anything else its bytes."""
    return syntax_of(path.read_bytes())[0] if path.suffix == ".py" else bytes_of(path)


def bytes_of(path):
    """Hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def syntax_of(source):
    """(Hash of a file's syntax tree without docstrings, modules that it imports, what it names beside it)."""
    tree = ast.parse(source)
    reached = set()
    for statement in _statements(tree):
        if isinstance(statement, ast.Import):
            reached |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            # All are absolute. `from synthem.networks import unet` may name a module or something inside one.
            module = statement.module
            reached |= {module} | {f"{module}.{alias.name}" for alias in statement.names}
        elif isinstance(statement, DOCUMENTED) and ast.get_docstring(statement) is not None:
            del statement.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), reached, _named_beside(source, tree)


def _statements(tree):
    """A module and all statements in it: expressions, most of a tree, hold neither imports nor docstrings."""
    yield tree
    for field in BLOCKS:
        block = getattr(tree, field, ())
        for statement in block if isinstance(block, list) else ():  # the body of a lambda is an expression
            yield from _statements(statement)


def _named_beside(source, tree):
    """What a module names by `Path(__file__).with_name`; few have that word, so few are searched whole."""
    calls = ast.walk(tree) if b"with_name" in source else ()
    return {
        ast.literal_eval(node.args[0])
        for node in calls
        if isinstance(node, ast.Call) and ast.unparse(node.func) == BESIDE
    }

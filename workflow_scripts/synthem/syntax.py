"""What Python code does, whatever its comments: the syntax tree of a file as a hash, and what it reaches."""

import ast
import hashlib
from functools import cache

BESIDE = "Path(__file__).with_name"  # how a module names data that lies beside it
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def hash_of(path):
    """Hash of what a file means: of Python code its syntax tree, of anything else its bytes."""
    source = path.read_bytes()
    return syntax_of(source)[0] if path.suffix == ".py" else hashlib.sha256(source).hexdigest()


@cache
def syntax_of(source):
    """(Hash of a file's syntax tree without docstrings, modules that it imports, what it names beside it)."""
    tree = ast.parse(source)
    reached, named = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            reached |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # All are absolute. `from synthem.networks import unet` may name a module or something inside one.
            reached |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            del node.body[0]
        elif isinstance(node, ast.Call) and _is_beside(node.func):
            named.add(ast.literal_eval(node.args[0]))
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), reached, named


def _is_beside(function):
    """Whether this is `Path(__file__).with_name`; most calls are seen not to be by one word."""
    return getattr(function, "attr", "") == "with_name" and ast.unparse(function) == BESIDE

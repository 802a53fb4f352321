"""What Python code does, whatever its comments: the syntax tree of a file as a hash, and what it imports."""

import ast
import hashlib
from functools import cache

DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def syntax_of(source):
    """Hash of a file's syntax tree without docstrings, and the names of the modules that it imports."""
    tree = ast.parse(source)
    reached = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            reached |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # All are absolute. `from synthem.networks import unet` may name a module or something inside one.
            reached |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            del node.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), reached

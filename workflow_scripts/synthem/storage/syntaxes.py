"""What the project's code means, kept beside its bytecode: to parse all of it takes half a second."""

import hashlib
import json
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from synthem import syntax
from synthem.errors import SynthemError
from synthem.storage.files import write_text

# Of one Python, as bytecode is: another one writes other trees.
KEPT = f"__pycache__/syntax.{sys.implementation.cache_tag}.json"


def syntax_in(root, path):
    """(Hash of its bytes, *`syntax_of`) of a file below a folder, parsed only where its bytes are new."""
    source, asked = Path(path).read_bytes(), _asked(str(root))
    name = hashlib.sha256(source).hexdigest()
    if name not in asked:
        asked[name] = _kept(str(root)).get(name) or [
            sorted(part) if isinstance(part, set) else part for part in syntax.syntax_of(source)
        ]
    meaning, modules, named = asked[name]
    return name, meaning, set(modules), set(named)


def keep_syntaxes(root):
    """Keep what this process asked for, and nothing else: edits do not pile up."""
    asked, kept = _asked(str(root)), Path(root) / KEPT
    if asked.items() <= _kept(str(root)).items():
        return
    with suppress(OSError, SynthemError):  # only its owner may write to the project, or the disk is full
        kept.parent.mkdir(exist_ok=True)
        write_text(kept, json.dumps({"by": _this_code(), "files": asked}))


@cache
def _asked(root):
    return {}


@cache
def _kept(root):
    """{hash of a file's bytes: its syntax}; none where the code that found them was another."""
    with suppress(OSError, ValueError, LookupError, TypeError):  # broken, or of another form
        kept = json.loads(Path(root, KEPT).read_text(encoding="utf-8"))
        return kept["files"] if kept["by"] == _this_code() else {}
    return {}


@cache
def _this_code():
    return syntax.bytes_of(Path(syntax.__file__))

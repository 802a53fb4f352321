"""docs/config.md from the schema and docs/errors.md from the codes: `make docs`."""

import sys
from pathlib import Path

import yaml

from synthem.config.messages import allowed, keys_of
from synthem.errors import CODES
from synthem.storage.files import write_text


def config_reference(schema):
    """Every key with meaning, type and range, as Markdown."""
    lines = [
        "# Configuration",
        "",
        "Made from `rules/schemas/config.schema.yaml` by `make docs`. The values of the embedded demo are in",
        "`config.yaml`; a file given with `--configfile` names only what differs.",
        "",
        "| key | meaning | allowed |",
        "| --- | --- | --- |",
    ]
    for key, part in keys_of(schema, schema):
        lines.append(f"| `{key}` | {part.get('description', '')} | {allowed(part, schema)} |")
    return "\n".join(lines) + "\n"


def errors_reference():
    lines = [
        "# Errors",
        "",
        "Synthem stops with one line, first in the output and in the rule's log (`results/logs/`):",
        "",
        "    ERROR <CODE> <path or config key>: <what was found> (expected <...>). Fix: <one action>.",
        "",
        "The log has the traceback below it. What was finished is kept: a second run goes on from there.",
        "Made from `workflow_scripts/synthem/errors.py` by `make docs`.",
        "",
        "| code | meaning |",
        "| --- | --- |",
    ]
    return "\n".join([*lines, *(f"| `{code}` | {meaning} |" for code, meaning in CODES.items())]) + "\n"


if __name__ == "__main__":
    schema_path, folder = map(Path, sys.argv[1:])
    write_text(folder / "config.md", config_reference(yaml.safe_load(schema_path.read_text())))
    write_text(folder / "errors.md", errors_reference())

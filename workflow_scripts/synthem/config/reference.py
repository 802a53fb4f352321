"""docs/config.md from the schema and config.yaml, and docs/errors.md from the codes: `make docs`."""

import re
import sys
from pathlib import Path

import yaml

from synthem.config.messages import allowed, resolved, with_keys
from synthem.errors import CODES
from synthem.storage.files import write_text

LARGEST = 10_000  # beyond this a limit only keeps nonsense out, and no reader needs it


class Texts(yaml.SafeLoader):
    """Reads YAML with every number and truth value as the text that stands in the file."""


for kind in ("int", "float", "bool"):
    Texts.add_constructor(f"tag:yaml.org,2002:{kind}", yaml.SafeLoader.construct_scalar)


def config_reference(schema, defaults):
    """All keys of the config as Markdown: meaning, default and allowed values; shared structures once.

    `defaults` is config.yaml as `Texts` reads it. What the schema has below `first` comes first.
    """
    lines = [
        "# Configuration",
        "",
        "The defaults are those of the embedded demo; a file given with `--configfile` names only what",
        "differs. Keys of a volume may be left out, all others have a default. What stands in several places",
        "is explained once, [at the end](#structures). Made from `rules/schemas/config.schema.yaml` and",
        "`config.yaml` by `make docs`.",
        "",
        "## The ten keys that most users need",
        "",
        "| key | if you change it | default |",
        "| --- | --- | --- |",
        *(f"| `{key}` | {text} | {_default([key], defaults)} |" for key, text in schema["first"].items()),
    ]
    sections = {name: part for name, part in _inner(schema) if _is_section(part, schema)}
    single = {name: part for name, part in _inner(schema) if name not in sections}
    lines += ["", f"## {', '.join(f'`{name}`' for name in single)}", ""]
    lines += _table(single.items(), [""], schema, defaults)
    for name, part in sections.items():
        lines += _section(name, part, schema, defaults)
    lines += ["", "## Structures"]
    for title, name, places in _structures(schema):
        part = schema["$defs"][name]
        lines += ["", f"### {title}", "", f"{part.get('description', '')} In {_named(places)}.".lstrip(), ""]
        lines += _table(_keys(part, schema), [f"{place}." for place in places], schema, defaults)
    return "\n".join(lines) + "\n"


def errors_reference():
    lines = [
        "# Errors",
        "",
        "Synthem stops with a line for each problem, first in the output and in the log (`results/logs/`):",
        "",
        "    ERROR <CODE> <path or config key>: <what was found> (expected <...>). Fix: <one action>.",
        "",
        "The log has the traceback below it. What was finished is kept: a second run goes on from there.",
        "`make setup` has one more, `SETUP`: what it needs and this machine lacks.",
        "Made from `workflow_scripts/synthem/errors.py` by `make docs`.",
        "",
        "| code | meaning |",
        "| --- | --- |",
    ]
    return "\n".join([*lines, *(f"| `{code}` | {meaning} |" for code, meaning in CODES.items())]) + "\n"


def _section(key, part, schema, defaults):
    """Lines of one section and, below headings of their own, of the sections directly inside it."""
    top = "." not in key
    inside = {name: one for name, one in _inner(part) if top and _is_section(one, schema)}
    keys = [(name, one) for name, one in _keys(part, schema) if name.split(".")[0] not in inside]
    lines = ["", f"{'##' if top else '###'} `{key}`", "", part.get("description", "")]
    if keys:
        keys = [(f"{key}.{name}", one) for name, one in keys]
        lines += ["", *_table(keys, [""], schema, defaults)]
    for name, one in inside.items():
        lines += _section(f"{key}.{name}", one, schema, defaults)
    return lines


def _table(keys, places, schema, defaults):
    """Rows of (key, part of the schema); `places` are what stands before these keys in the config."""
    lines = ["| key | meaning | default | allowed |", "| --- | --- | --- | --- |"]
    for key, part in keys:
        structure, whole = _structure_of(part, schema), resolved(part, schema)
        title = structure and schema["$defs"][structure]["title"]
        values = f"[{title}]({_anchor(title)})" if structure else allowed(whole, schema, largest=LARGEST)
        default = _default([place + key for place in places], defaults)
        lines.append(f"| `{key}` | {whole.get('description', '')} | {default} | {values} |")
    return lines


def _inner(part):
    """(key, part of the schema) directly inside a part; where keys are names, `<name>`."""
    part = with_keys(part)
    yield from part.get("properties", {}).items()
    if isinstance(part.get("additionalProperties"), dict):
        yield "<name>", part["additionalProperties"]


def _keys(part, schema, prefix=""):
    """(key, part) of all that is below a part, but for what is inside of structures."""
    for name, one in _inner(resolved(part, schema)):
        yield prefix + name, one
        if not _structure_of(one, schema):
            yield from _keys(one, schema, f"{prefix}{name}.")


def _structures(schema):
    """(title, name in $defs, places where it is used) of all structures, in the order of their use."""

    def uses(part, prefix=""):
        for name, one in _inner(resolved(part, schema)):
            if structure := _structure_of(one, schema):
                places.setdefault(structure, []).append(prefix + name)
            uses(one, f"{prefix}{name}.")

    places = {}
    uses(schema)
    return [(schema["$defs"][name]["title"], name, used) for name, used in places.items()]


def _structure_of(part, schema):
    """The name in $defs of a part that is explained once for all places; None for others."""
    name = part.get("$ref", "").rsplit("/", 1)[-1]
    return name if name and "properties" in with_keys(schema["$defs"][name]) else None


def _is_section(part, schema):
    return not _structure_of(part, schema) and any(_inner(part))


def _default(places, defaults):
    """The value at these places of config.yaml; where they differ, the rarer ones with their places."""
    values = {}
    for place in places:
        value = defaults
        for key in place.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None and not isinstance(value, dict):
            values.setdefault(_shown(value), []).append(place.rsplit(".", 1)[0])
    if len(values) < 2:
        return "".join(f"`{value}`" for value in values)
    *rare, most = sorted(values, key=lambda value: len(values[value]))
    texts = [f"`{value}` in {_named(values[value])}" for value in rare]
    texts.append(f"`{most}` " + ("elsewhere" if len(values[most]) > 1 else f"in {_named(values[most])}"))
    return "; ".join(texts)


def _shown(value):
    """A value as one writes it in YAML: `[a, b]`, `""`."""
    if isinstance(value, list):
        return f"[{', '.join(_shown(one) for one in value)}]"
    return value or '""'


def _named(places):
    return ", ".join(f"`{place}`" for place in places)


def _anchor(title):
    """Where GitHub puts a heading."""
    return "#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


if __name__ == "__main__":
    schema_path, defaults_path, folder = map(Path, sys.argv[1:])
    schema = yaml.safe_load(schema_path.read_text())
    defaults = yaml.load(defaults_path.read_text(), Loader=Texts)
    write_text(folder / "config.md", config_reference(schema, defaults))
    write_text(folder / "errors.md", errors_reference())

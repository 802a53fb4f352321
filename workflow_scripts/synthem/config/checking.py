"""The configuration: read strictly, checked whole, and put in one canonical form."""

import math
import os
import re
import sys
from functools import partial
from pathlib import Path

import jsonschema
import yaml

from synthem.config.applying import with_unscored_tests
from synthem.config.arms import study_contradictions, sweep_contradictions
from synthem.config.contradictions import contradictions
from synthem.config.entries import filled_in, stack_filled_in
from synthem.config.messages import branch_of, did_you_mean, explain, resolved
from synthem.config.needs import volumes_of
from synthem.config.study import config_filled_in, study_of
from synthem.config.variants import variant_problems
from synthem.errors import SynthemError, SynthemErrors

# libyaml, ten times as fast, where PyYAML has that.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
UNREADABLE = (yaml.YAMLError, ValueError, TypeError, RecursionError)
# YAML 1.1, which Snakemake reads, turns these into something else than they look like.
SURPRISES = [
    ("str", r"[-+]?\d+,\d+$", "text, not a number: YAML needs a dot, not a comma", "write it like 0.5"),
    (
        "str",
        r"[-+]?(\d[\d_]*\.?[\d_]*|\.\d+)([eE][-+]?\d+)?$",
        "text, not a number: YAML needs a digit, a dot and the sign of the exponent",
        "write it like 2.0e-4, or quote the word",
    ),
    ("bool", r"(?i)(?!true$|false$)", "a truth value, not a word", "write true or false, or quote the word"),
    ("int", r"[-+]?0[0-9_]+$", "an octal number", "drop the leading zeros, or quote the word"),
    ("int", r".*:", "a number of base 60", "quote it"),
    ("float", r".*:", "a number of base 60", "quote it"),
    ("float", r"(?i)[-+]?\.(inf|nan)$", "infinite or not a number", "write a number, or quote the word"),
    ("timestamp", r"", "a date", "quote it"),
]

_finite = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
    {
        kind: lambda checker, value, kind=kind: (
            jsonschema.Draft202012Validator.TYPE_CHECKER.is_type(value, kind) and math.isfinite(value)
        )
        for kind in ("number", "integer")
    }
)


def _without(validator, keys, value, schema):
    """`without: [key]`, our own word of the schema: a key of the structure that this place does not have."""
    if validator.is_type(value, "object") and any(key in value for key in keys):
        yield jsonschema.ValidationError(f"none of {keys} is allowed here")


# Not-a-number is neither below nor above any bound: as a number it would pass them all.
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator, {"without": _without}, type_checker=_finite
)
WithoutRequired = jsonschema.validators.extend(Validator, {"required": None}, type_checker=_finite)


def check_syntax(path):
    """Find what reading the YAML file `path` would hide: duplicate keys and changed types."""
    root = _composed(path, _text(path))
    if not isinstance(root, yaml.MappingNode):
        found = "no keys at the top" if root else "an empty file"
        raise _syntax(path, found, fix="write lines like `structure: mitochondria`")
    problems = list(_surprises(path, root, (), set(), ()))
    if problems:
        raise SynthemErrors(problems)


def check_keys(path):
    """Find duplicate keys alone: other words of a profile mean what Snakemake makes of them."""
    problems, nodes, seen = [], [_composed(path, _text(path))], set()
    while nodes:
        node = nodes.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, yaml.MappingNode):
            problems += _twice(path, node)
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
    if problems:
        raise SynthemErrors(problems)


def read_yaml(text):
    """The content of YAML, a text or an open file."""
    return yaml.load(text, Loader=Loader)


def from_command_line(entries):
    """[{key: value}] of `--config KEY=VALUE ...`, each value as the YAML that it looks like.

    Snakemake hands over what stands inside brackets as text: `{steps: 20}` would be `{"steps": "20"}`.
    """
    found, problems = [], []
    for key, _, text in (entry.partition("=") for entry in entries):
        root = _composed(f"--config {key}", text)
        problems += _surprises("--config", root, (key,), set(), ()) if root else []
        found.append({key: read_yaml(text)})
    if problems:
        raise SynthemErrors(problems)
    return found


def with_home(value):
    """The same config with `~` and `~user` at the start of texts written out, as a shell does with paths."""
    if isinstance(value, dict):
        return {key: with_home(part) for key, part in value.items()}
    if isinstance(value, list):
        return [with_home(part) for part in value]
    return os.path.expanduser(value) if isinstance(value, str) else value


def _text(path):
    if os.path.exists(path) and not os.path.isfile(path):
        raise _syntax(path, "a folder, pipe or device", fix="name a file")
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise _syntax(path, error.strerror, fix=_file_meant(path)) from error
    except UnicodeDecodeError as error:
        raise _syntax(path, f"not UTF-8 text at byte {error.start}", fix="save the file as UTF-8") from error


def _file_meant(path):
    """What to do about a configuration file that is not there: the one beside it may be misspelt."""
    path = Path(path)
    return (
        did_you_mean(path.name, [file.name for file in path.parent.glob("*.y*ml")])
        or "name a file that exists"
    )


def _composed(path, text):
    """The nodes of the file before they get types; what cannot be read at all is an error."""
    try:
        read_yaml(text)
        return yaml.compose(text, Loader=Loader)
    except UNREADABLE as error:
        raise _unreadable(path, text, error) from error


def _unreadable(path, text, error):
    try:
        yaml.load(text, Loader=yaml.SafeLoader)
    except UNREADABLE as clearer:  # than the words of libyaml
        error = clearer
    mark = getattr(error, "problem_mark", None)
    line = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    what = getattr(error, "problem", None) or str(error)
    fix = "mind indentation (spaces, no tabs) and quotes"
    if "escape" in what:
        fix = "write paths with /, or in single quotes: in double quotes a backslash means something else"
    return _syntax(path, line + what, fix=fix)


def _surprises(path, node, keys, seen, above):
    """Problems of a YAML node and all below it; `seen`: nodes that are done, `above`: those around it."""
    where = f"{path} line {node.start_mark.line + 1} ({'.'.join(keys) or 'top'})"
    if node in above:
        yield _problem(where, "an alias of what it stands in", "no such circle", "write the values out")
    if node in seen:
        return
    seen.add(node)
    above = (*above, node)
    if isinstance(node, yaml.MappingNode):
        yield from _twice(path, node)
        for key, value in node.value:
            yield from _surprises(path, key, keys, seen, above)
            yield from _surprises(path, value, (*keys, str(key.value)), seen, above)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _surprises(path, item, (*keys, str(number)), seen, above)
    elif not node.style:  # quoted text stays text
        for kind, pattern, what, fix in SURPRISES:
            if node.tag.endswith(f":{kind}") and re.match(pattern, node.value):
                yield _problem(
                    where, f"`{node.value}`, which YAML reads as {what}", "what it looks like", fix
                )
                return


def _twice(path, node):
    """A problem for each key that a mapping has more than once."""
    seen = set()
    for key, _ in node.value:
        where, name = f"{path} line {key.start_mark.line + 1}", str(key.value)
        if name in seen:
            fix = "remove one of the two: YAML silently keeps the last"
            yield _problem(where, f"the key `{name}` a second time", "each key once", fix)
        seen.add(name)


def check_config(config, schema):
    """The config in canonical form and the Study that it describes; else SynthemErrors with every problem."""
    problems = violations(config, schema)
    sound, entries = not problems, {}
    if sound:
        config = canonical(config, schema, schema)
        problems = list(sweep_contradictions(config))
        config = config_filled_in(config)
        problems += [*variant_problems(config, schema, _of_departures), *study_contradictions(config)]
    study = None if sound and problems else _study(config, schema, sound=sound)
    if sound:
        entries, problems_of_entries = _entries(config, study)
        problems += problems_of_entries
        config, entries = with_unscored_tests(config, entries)
    problems += contradictions(config, study, entries, sound=sound)
    if problems:
        each = {str(problem): problem for problem in problems}  # several arms may share one
        raise SynthemErrors(each[line] for line in sorted(each))
    stacks = {name: stack_filled_in(entry) for name, entry in config["apply"]["stacks"].items()}
    return config | {"volumes": entries, "apply": config["apply"] | {"stacks": stacks}}, study


def _study(config, schema, *, sound):
    """The Study of a config; of one that is not sound as far as it can be read, else None."""
    try:
        settings = config if sound else config_filled_in(config)
        return study_of(settings, partial(canonical, schema=schema, root=schema))
    except (KeyError, TypeError, AttributeError, ValueError):
        if sound:
            raise
        return None


def violations(config, schema, validator=Validator):
    """What of a config the schema does not allow, as a list of SynthemErrors."""
    return [problem for error in validator(schema).iter_errors(config) for problem in explain(error, schema)]


def _of_departures(departures, part):
    return violations(departures, part, WithoutRequired)


def _entries(config, study):
    """{name: volume with everything that its layout fills in} for the volumes of the run, and all problems.

    The others are not looked at: their files may be on another machine. Which ones the run needs beside its
    targets depends on the masks of the targets.
    """
    entries, problems = {}, []

    def fill_in(names):
        for name in names:
            if name in config["volumes"] and name not in entries:
                try:
                    entries[name] = filled_in(name, config["volumes"][name], config["structure"])
                except SynthemError as problem:
                    problems.append(problem)

    fill_in(config["targets"])
    if study:
        fill_in(volumes_of(study, entries))
        entries = {name: entries[name] for name in volumes_of(study, entries) if name in entries}
    return entries, problems


def canonical(value, schema, root):
    """The same value in the one form that staleness compares: keys sorted, numbers of the schema's type."""
    schema = branch_of(value, resolved(schema, root), root)
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        missing = {key: {} for key, part in properties.items() if part.get("type") == "object"}
        others = schema.get("additionalProperties") or {}
        return {
            key: canonical(part, properties.get(key, others), root)
            for key, part in sorted({**missing, **value}.items())
        }
    if isinstance(value, list):
        return [canonical(part, schema.get("items", {}), root) for part in value]
    if schema.get("type") == "number":
        return float(value) + 0.0  # -0.0 is 0.0
    return int(value) if schema.get("type") == "integer" else value


def _problem(where, found, expected, fix):
    return SynthemError("CONFIG_SYNTAX", where, found, expected=expected, fix=fix)


def _syntax(path, found, fix):
    return _problem(path, found, "a YAML file", fix)


if __name__ == "__main__":  # before Snakemake reads the file, whose errors name no line
    try:
        check_syntax(*sys.argv[1:])
    except (SynthemError, SynthemErrors) as problem:
        sys.exit(str(problem))

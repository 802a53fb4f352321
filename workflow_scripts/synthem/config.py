"""The configuration: read strictly, checked whole, and put in one canonical form."""

import difflib
import re

import jsonschema
import yaml

from synthem.errors import SynthemError, SynthemErrors

# YAML 1.1, which Snakemake reads, turns these into something else than they look like.
SURPRISES = [
    (
        "str",
        re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"),
        "text, not a number: YAML needs a dot and a sign",
        "write it like 2.0e-4",
    ),
    ("bool", re.compile(r"(?!true$|false$)"), "a truth value, not a word", "write true or false, or quote the word"),
    ("int", re.compile(r"[-+]?0[0-9_]+$"), "an octal number", "drop the leading zeros, or quote the word"),
    ("int", re.compile(r".*:"), "a number of base 60", "quote it"),
    ("float", re.compile(r".*:"), "a number of base 60", "quote it"),
    ("timestamp", re.compile(r""), "a date", "quote it"),
]


def check_syntax(path):
    """Find what reading the YAML file `path` would hide: duplicate keys and changed types."""
    try:
        with open(path, encoding="utf-8") as file:
            root = yaml.compose(file, Loader=yaml.SafeLoader)
    except OSError as error:
        raise _syntax(path, error.strerror, fix="name a file that exists") from error
    except UnicodeDecodeError as error:
        raise _syntax(path, f"not UTF-8 text at byte {error.start}", fix="save the file as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        what = getattr(error, "problem", None) or str(error)
        raise _syntax(path, line + what, fix="mind indentation (spaces, no tabs) and quotes") from error
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise _syntax(path, "no keys at the top", fix="write lines like `target: mine`")
    problems = list(_surprises(path, root, ()))
    if problems:
        raise SynthemErrors(problems)


def _surprises(path, node, keys):
    where = f"{path} line {node.start_mark.line + 1} ({'.'.join(keys) or 'top'})"
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield SynthemError(
                    "CONFIG_SYNTAX",
                    f"{path} line {key.start_mark.line + 1}",
                    f"the key `{key.value}` a second time",
                    expected="each key once",
                    fix="remove one of the two: YAML silently keeps the last",
                )
            seen.add(key.value)
            yield from _surprises(path, key, keys)
            yield from _surprises(path, value, (*keys, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _surprises(path, item, (*keys, str(number)))
    elif node.style is None:  # quoted text means what it says
        for kind, pattern, what, fix in SURPRISES:
            if node.tag.endswith(f":{kind}") and pattern.match(node.value):
                yield SynthemError(
                    "CONFIG_SYNTAX", where, f"`{node.value}`, which YAML reads as {what}", expected="what it looks like", fix=fix
                )


def check_config(config, schema):
    """The config in canonical form; otherwise SynthemErrors with every problem there is."""
    validator = jsonschema.Draft202012Validator(schema)
    problems = [problem for error in validator.iter_errors(config) for problem in _explain(error)]
    if not problems:
        config = canonical(config, schema, schema)
        problems = list(_references(config))
    if problems:
        raise SynthemErrors(sorted(problems, key=str))
    return config


def _explain(error):
    """A violation of the schema in the words of the error contract."""
    where = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for key in sorted(set(error.instance) - set(known), key=str):
            close = difflib.get_close_matches(str(key), known, 1)
            fix = f"did you mean `{close[0]}`?" if close else "remove it"
            yield SynthemError(
                "CONFIG_KEY", _join(where, key), "no such key", expected=f"one of {', '.join(known)}", fix=fix.rstrip("?")
            )
    elif error.validator == "required":
        key = re.match(r"'(.*?)' is", error.message).group(1)
        yield SynthemError("CONFIG_KEY", _join(where, key), "missing", expected="a value", fix="add it; see docs/config.md")
    else:
        found = "text " + repr(error.instance) if isinstance(error.instance, str) else repr(error.instance)
        expected = f"{error.validator} {error.validator_value}"
        fix = "see docs/config.md"
        if error.validator == "enum":
            close = difflib.get_close_matches(str(error.instance), [str(word) for word in error.validator_value], 1)
            expected, fix = f"one of {error.validator_value}", f"did you mean `{close[0]}`" if close else fix
        if error.validator == "pattern":
            expected, fix = "letters, digits, `.`, `_`, `-`, not starting with a sign", "rename it: names become file names"
        yield SynthemError("CONFIG_VALUE", where or "top", found[:200], expected=expected, fix=fix)


def _references(config):
    """Names that point nowhere."""
    volumes, arms, experiment = config["volumes"], config["arms"], config["experiment"]
    for role in ("source", "target"):
        yield from _one_of(role, config[role], volumes)
    for role, mask in (("source", config["structure"]), ("target", config["structure"]), ("source", "membrane")):
        if config[role] in volumes:
            masks = volumes[config[role]]["masks"]
            if mask not in masks:
                yield _reference(f"volumes.{config[role]}.masks", f"no mask `{mask}`", masks, "add the mask of this structure")
    if config["structure"] == "membrane":
        yield _reference("structure", "`membrane`", ["any other mask"], "the membrane is what synthesis adds; name another")
    for arm in experiment["arms"]:
        yield from _one_of("experiment.arms", arm, arms)
    yield from _one_of("experiment.reference", experiment["reference"], experiment["arms"])
    for name, volume in volumes.items():
        for files in [volume["image"], *volume["masks"].values(), *volume["labels"].values(), *volume["withheld"].values()]:
            phantom = re.match(r"results/phantoms/([^/]+)/", files)
            if phantom and name in (config["source"], config["target"]):
                yield from _one_of(f"volumes.{name}", phantom.group(1), config["phantoms"])
        both = set(volume["masks"]) & set(volume["withheld"])
        if both:
            yield _reference(f"volumes.{name}.withheld", f"`{min(both)}` is also in masks", [], "a withheld mask must not be given as a mask")


def _one_of(where, name, known):
    if name not in known:
        close = difflib.get_close_matches(name, list(known), 1)
        yield _reference(where, f"`{name}`", known, f"did you mean `{close[0]}`" if close else "define it, or name another")


def _reference(where, found, known, fix):
    return SynthemError("CONFIG_REFERENCE", where, found, expected=f"one of {', '.join(known) or 'none'}", fix=fix)


def canonical(value, schema, root):
    """The same value in the one form that staleness compares: keys sorted, numbers of the schema's type."""
    if "$ref" in schema:
        return canonical(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        missing = {key: {} for key, part in properties.items() if key not in value and part.get("type") == "object"}
        others = schema.get("additionalProperties") or {}
        return {key: canonical(part, properties.get(key, others), root) for key, part in sorted({**missing, **value}.items())}
    if isinstance(value, list):
        return [canonical(part, schema.get("items", {}), root) for part in value]
    kinds = {"number": float, "integer": int}
    return kinds[schema["type"]](value) if schema.get("type") in kinds else value


def _syntax(path, found, fix):
    return SynthemError("CONFIG_SYNTAX", path, found, expected="a YAML file", fix=fix)


def _join(where, key):
    return f"{where}.{key}" if where else str(key)

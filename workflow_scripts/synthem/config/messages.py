"""Violations of the schema as errors in plain words: what was found, what is allowed, what may be meant."""

import difflib
import math
import re
from os.path import commonprefix

from synthem.errors import SynthemError

KINDS = {
    "object": ("keys with values", "keys with values"),
    "array": ("a list", "lists"),
    "string": ("text", "texts"),
    "boolean": ("true or false", "truth values"),
    "integer": ("a whole number", "whole numbers"),
    "number": ("a number", "numbers"),
}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": int | float,
}  # of values that may have several forms
OTHER_WORDS = {  # of other programs, for keys of ours
    "lr": "learning_rate",
    **dict.fromkeys(("epochs", "epoch", "num_epochs", "max_epochs", "iterations"), "steps"),
    **dict.fromkeys(("augmentation", "augmentations", "transforms"), "augment"),
    **dict.fromkeys(("model", "architecture", "backbone"), "network"),
    "patch_size": "patch",
}
NOTES = {"steps": ": steps of one batch each, not epochs"}
BLANK = "FILL-IN"  # what `make new` leaves where no file says a value
NAME = "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 64"


def allowed(part, root, several=False, largest=math.inf):
    """The values that a part of the schema allows, in words: `a whole number from 1 to 8`.

    Limits beyond `largest` on either side are left out.
    """
    part = resolved(part, root)
    if "anyOf" in part:
        return ", or ".join(allowed(branch, root, several, largest) for branch in part["anyOf"])
    if "enum" in part:
        return ("" if several else "one of ") + ", ".join(f"`{_word(word)}`" for word in part["enum"])
    if "pattern" in part and part.get("maxLength") == 64:
        return NAME
    words = KINDS[part["type"]][several]
    if part["type"] == "array":
        least, most = part.get("minItems", 0), part.get("maxItems")
        count = f"{most} " if least == most else f"at least {least} " if least else ""
        return f"{words} of {count}{allowed(part['items'], root, True, largest)}"
    bounds = {
        "minimum": " from",
        "exclusiveMinimum": " above",
        "maximum": " to",
        "exclusiveMaximum": ", below",
    }
    if "exclusiveMinimum" in part:
        bounds["maximum"] = ", up to"
    limits = ((word, part[key]) for key, word in bounds.items() if key in part)
    return words + "".join(f"{word} {_plain(limit)}" for word, limit in limits if abs(limit) <= largest)


def _word(word):
    """A word as people write it in YAML."""
    if isinstance(word, bool):
        return str(word).lower()
    return f"[{', '.join(word)}]" if isinstance(word, list) else '""' if word == "" else word


def _plain(number):
    """A bound as people write it: 4294967295, not 4.29497e+09."""
    return f"{int(number)}" if number == int(number) else f"{number:g}"


def resolved(part, root):
    """A part of the schema with its `$ref` replaced by what that refers to, less the keys it is `without`."""
    shared = root["$defs"][part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else {}
    whole = {**shared, **part}
    if "without" in part:
        keys = whole["properties"].items()
        whole["properties"] = {key: one for key, one in keys if key not in part["without"]}
    return whole


def branch_of(value, part, root):
    """Of several forms that a part of the schema allows (`anyOf`), the one with the type of the value."""
    for branch in part.get("anyOf", []):
        branch = resolved(branch, root)
        if isinstance(value, TYPES[branch["type"]]):
            return branch
    return part


def with_keys(part):
    """Of several forms that a part of the schema allows (`anyOf`), the one with keys inside."""
    return next((one for one in part.get("anyOf", []) if "properties" in one), part)


def keys_of(part, root, prefix=""):
    """(key, its part of the schema) of all keys below a part: `unets.training.steps`, `arms.<name>`."""
    for name, inner in with_keys(part).get("properties", {}).items():
        inner = resolved(inner, root)
        yield prefix + name, inner
        yield from keys_of(inner, root, f"{prefix}{name}.")
        others = inner.get("additionalProperties")
        if isinstance(others, dict):
            others = resolved(others, root)
            yield f"{prefix}{name}.<name>", {"description": "", **others}
            yield from keys_of(others, root, f"{prefix}{name}.<name>.")


def meant_elsewhere(where, key, root):
    """Where a key that is not allowed at `where` does stand, in words: the nearest places first."""
    places = [place for place, _ in keys_of(root, root) if place.split(".")[-1] == key]
    places.sort(key=lambda place: (-len(commonprefix([place, f"{where}."])), place.count("."), place))
    return f"did you mean {' or '.join(f'`{place}`' for place in places[:3])}" if places else ""


def explain(error, root):
    """The SynthemErrors of one violation of the schema, jsonschema's `error`."""
    if error.validator == "anyOf":
        meant = [resolved(branch, root) for branch in error.validator_value]
        chosen = branch_of(error.instance, {"anyOf": meant}, root)
        if chosen in meant:  # the value has the type of one form: what is wrong with it as such
            for inner in error.context:
                if inner.schema_path[0] == meant.index(chosen):
                    yield from explain(inner, root)
            return
    where = ".".join(str(part) for part in error.absolute_path)
    if error.validator in ("additionalProperties", "without"):
        yield from _unknown_keys(where, error, root)
    elif error.validator == "required":
        key = re.match(r"['\"](.*)['\"] is a required", error.message).group(1)
        fix = "add it; see docs/config.md"
        yield SynthemError("CONFIG_KEY", join(where, key), "missing", expected="a value", fix=fix)
    elif "propertyNames" in error.absolute_schema_path:
        fix = "rename it: names become file names" if isinstance(error.instance, str) else "put it in quotes"
        yield value_error(join(where, error.instance), f"the name {_shown(error.instance)}", NAME, fix)
    elif error.validator == "uniqueItems":
        twice = [part for number, part in enumerate(error.instance) if part in error.instance[:number]]
        yield value_error(where, f"{_shown(twice[0])} more than once", "each value once", "remove one")
    else:
        largest = 1e6 if error.instance == BLANK else math.inf  # of limits that somebody thinks of
        expected, fix = allowed(error.schema, root, largest=largest), _fix(error, root)
        yield value_error(where or "top", _shown(error.instance), expected, fix)


def _unknown_keys(where, error, root):
    known = resolved(error.schema, root).get("properties", {})
    named = error.validator_value if error.validator == "without" else error.instance
    unknown = {key: value for key, value in error.instance.items() if key in named and key not in known}
    kinds = known.get("kind", {}).get("enum", [])
    # Options are looked for in the section of the kind that is meant first, such as that of `name: unet3d`.
    words = (*unknown.values(), error.instance.get("kind"))
    kind = next((word for word in words if word in kinds), "")
    options, inside = resolved(known.get(kind, {}), root).get("properties", {}), join(where, kind)
    for key, value in sorted(unknown.items(), key=str):
        fix = "".join(f"write `kind: {word}`" for word in close_matches(value, kinds))
        fix = fix or (f"did you mean `{inside}.{key}`" if key in options else "")
        near = difflib.get_close_matches(str(key), list(known), 1, cutoff=0.85)  # a letter more or less
        fix = fix or "".join(f"did you mean `{word}`" for word in near) or meant_elsewhere(where, key, root)
        fix = fix or _in_our_words(where, key, known, root) or did_you_mean(key, known) or "remove it"
        expected = f"one of {', '.join(known)}"
        yield SynthemError("CONFIG_KEY", join(where, key), "no such key", expected=expected, fix=fix)


def _in_our_words(where, key, known, root):
    """What to write for a key that other programs have, as `epochs`; "" of any other."""
    ours = OTHER_WORDS.get(key, "")
    fix = f"did you mean `{ours}`" if ours in known else meant_elsewhere(where, ours, root)
    return fix and fix + NOTES.get(ours, "")


def did_you_mean(word, known):
    return "".join(f"did you mean `{close}`" for close in close_matches(word, known))


def close_matches(word, known):
    """The one of the known words that a misspelt one looks like, in a list; else an empty list."""
    return difflib.get_close_matches(str(word), [str(one) for one in known], 1)


def _shown(value):
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, str):
        return f"text {value[:100]!r}" + (f"... of {len(value)} characters" if len(value) > 100 else "")
    if isinstance(value, dict):
        return f"keys ({', '.join(map(str, value)) or 'none'})"[:200]
    if isinstance(value, float) and not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinity"
    if isinstance(value, list):
        return f"a list of {len(value)}: {value}"[:200]
    return f"{value}"[:200]


def _fix(error, root):
    value, kind, path = error.instance, error.schema.get("type"), list(error.absolute_path)
    if value == BLANK:
        return "fill in the blank that `make new` left"
    if error.validator == "enum":
        return did_you_mean(value, error.validator_value) or "choose one of these"
    if error.validator != "type":
        return "choose such a value; see docs/config.md"
    if value is None:
        return "indent its keys below it, or write {} for none" if kind == "object" else "give a value"
    if isinstance(value, str) and kind in ("number", "integer"):
        return (
            "remove the quotes"
            if reads_as_number(value)
            else "write digits only, with a dot and without unit"
        )
    if kind == "array":
        return f"put it in brackets, like [{_example(value, error.schema, root)}]"
    if kind == "string" and isinstance(value, list | dict):
        return "give one text; several files are a folder, or a pattern like data/*.tif"
    if kind == "string":
        return "put it in quotes"
    if kind == "object" and path and path[-1] in ("masks", "labels", "withheld"):
        return f"say what it shows, like {{mitochondria: {value}}}"
    if value in error.schema.get("properties", {}).get("kind", {}).get("enum", []):
        return f"write `{path[-1]}: {{kind: {value}}}`"
    if "propertyNames" in error.schema and isinstance(value, str):
        return f"give it a name, like `{path[-1]}: {{mine: {value}}}`"
    if "propertyNames" in error.schema and isinstance(value, list):
        return f"give each a name, like `{path[-1]}: {{mine: {', '.join(map(str, value[:1]))}}}`"
    if kind == "object" and path:
        above = ".".join(map(str, path[:-1]))
        return meant_elsewhere(above, path[-1], root) or "see docs/config.md"
    return "see docs/config.md"


def _example(value, schema, root):
    """What to write between the brackets of a list in place of a single value."""
    fits = (int, float) if resolved(schema["items"], root).get("type") in ("number", "integer") else str
    if not isinstance(value, fits):
        return "1, 2, 3"
    count = schema.get("minItems", 1) if schema.get("minItems") == schema.get("maxItems") else 1
    return ", ".join([str(value)] * count)


def reads_as_number(word):
    try:
        float(word)
    except ValueError:
        return False
    return True


def value_error(where, found, expected, fix):
    return SynthemError("CONFIG_VALUE", where, found, expected=expected, fix=fix)


def contradiction_error(where, found, expected, fix):
    return SynthemError("CONFIG_CONTRADICTION", where, found, expected=expected, fix=fix)


def join(where, key):
    return f"{where}.{key}" if where else str(key)


def one_of(where, name, known, fix="define it, or name another"):
    """A problem where a name is not among the known ones."""
    if name not in known:
        fix = did_you_mean(name, known) or fix
        yield reference_error(where, f"`{name}`", f"one of {', '.join(map(str, known)) or 'none'}", fix)


def reference_error(where, found, expected, fix):
    return SynthemError("CONFIG_REFERENCE", where, found, expected=expected, fix=fix)

"""What variants hold that the schema does not allow; of those of a sweep, where the user wrote it."""

from synthem.config.messages import keys_of, value_error
from synthem.config.study import VARIED, swept
from synthem.errors import SynthemError

ONE_VALUE = "a key that has one value"


def variant_problems(config, schema, violations):
    """Problems of all variants of a config whose sweeps are written out.

    violations(departures, part of the schema): the problems of one variant, which names the keys that differ
    alone.
    """
    sections = {name: schema["properties"][name] for name in VARIED}
    strategy = {"strategy": sections["labels"]["properties"]["strategy"]}
    sections["labels"] = {**sections["labels"], "properties": strategy}
    part = {"type": "object", "additionalProperties": False, "properties": sections, "$defs": schema["$defs"]}
    written, of_sweeps = swept(config), {}
    for name, departures in config["variants"].items():
        for problem in violations(departures, part):
            if name in written:
                of_sweeps.setdefault(written[name][0], []).append(problem)
            else:
                yield problem.below(f"variants.{name}")
    for sweep, problems in of_sweeps.items():
        yield _of_sweep(sweep, config["sweeps"][sweep]["key"], problems, dict(keys_of(schema, schema)))


def _of_sweep(sweep, key, problems, known):
    """One problem of the key of a sweep, or of its values; known {key: its part of the schema}."""
    first, where, kind = problems[0], f"sweeps.{sweep}.key", known.get(key, {}).get("type")
    if first.code == "CONFIG_KEY":
        fix = "name one of these, or a key below" if first.fix == "remove it" else first.fix
        found = f"`{first.where}`, {first.found}"
        return SynthemError(first.code, where, found, expected=first.expected, fix=fix)
    if first.where != key:
        found, fix = f"`{key}`, and `{first.where}` has no keys", f"write `{first.where}`"
        return value_error(where, found, ONE_VALUE, fix)
    if kind == "object":
        inside = next((one for one in known if one.startswith(f"{key}.")), key)
        return value_error(where, f"`{key}`, a section", ONE_VALUE, f"name a key in it, like `{inside}`")
    if kind == "array":
        fix = "write a variant for each list, and an arm for each variant"
        return value_error(where, f"`{key}`, a list, which no value of a sweep is", ONE_VALUE, fix)
    values = ", ".join(dict.fromkeys(problem.found for problem in problems))
    return value_error(f"sweeps.{sweep}.values", f"{values} for `{key}`", first.expected, first.fix)

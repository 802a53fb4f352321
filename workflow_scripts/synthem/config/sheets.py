"""Sheets of generated images: the keys that may be left out, and what cannot be meant."""

from synthem.config.gans import without_chance
from synthem.config.messages import one_of, value_error
from synthem.gans.conditions import is_map
from synthem.storage.naming import BASE

DEFAULTS = {
    "panels": ["drawn"],
    "block": "test",
    "masks": 4,
    "noises": 5,
    "snapshots": [],
    "replicate": 1,
    "seed": 0,
    "size": 0,
}


def sheets_filled_in(config):
    """The sheets of a config with all of their keys."""
    budgets = config["labels"]["budgets"]
    most = {"budget": "all" if "all" in budgets else max(budgets)}
    return {name: {**DEFAULTS, **most, **sheet} for name, sheet in config["sheets"].items()}


def shown_sets(sheet):
    """The data sets that a sheet shows: the first, where they are no axis."""
    axis = "data_sets" in (sheet["rows"], sheet["columns"])
    return sheet["data_sets"] if axis else sheet["data_sets"][:1]


def painted_sets(config):
    """The names of the data sets that a generator paints."""
    return [name for name, data_set in config["data_sets"].items() if data_set["kind"] == "gan"]


def sheet_references(config):
    """Data sets of sheets that do not exist, or have no generator."""
    for sheet, settings in config["sheets"].items():
        for name in settings["data_sets"]:
            fix = "name a data set of the kind gan"
            yield from one_of(f"sheets.{sheet}.data_sets", name, painted_sets(config), fix=fix)


def sheet_contradictions(study, entries):
    """What a sheet asks for, and its generators or the study do not have."""
    config = study.configs[BASE]
    for name, sheet in config["sheets"].items():
        where, axes = f"sheets.{name}", (sheet["rows"], sheet["columns"])
        if axes[0] == axes[1] != "masks":
            fix = "name another axis, or masks twice: all masks in lines of one sheet"
            yield value_error(f"{where}.columns", f"{axes[1]} as in rows", "another axis", fix)
        if sheet["budget"] not in config["labels"]["budgets"]:
            fix = "name one of labels.budgets"
            expected = f"one of {', '.join(map(str, config['labels']['budgets']))}"
            yield value_error(f"{where}.budget", f"{sheet['budget']}", expected, fix)
        if sheet["replicate"] > config["study"]["replicates"]:
            most = config["study"]["replicates"]
            fix = "lower it, or raise study.replicates"
            yield value_error(f"{where}.replicate", f"{sheet['replicate']} of {most}", f"at most {most}", fix)
        variants = [study.variant_of(data_set) for data_set in shown_sets(sheet)]
        steps = sheet["snapshots"] or study.configs[variants[0]]["gans"]["training"]["snapshots"]
        for variant in dict.fromkeys(variants):
            yield from _of_generator(where, sheet, axes, steps, variant, study.configs[variant]["gans"])


def _of_generator(where, sheet, axes, steps, variant, gans):
    """Problems of a sheet with one of its generators, trained under a variant; steps: those it shows."""
    kept, own = gans["training"]["snapshots"], f"gans.training.snapshots of {variant}"
    missing = [step for step in steps if step not in kept]
    if "snapshots" in axes and (missing or not kept):
        found = f"{missing[0]}, which {own} does not keep" if missing else f"none, for {own} is empty"
        fix = f"add the steps to {own}"
        yield value_error(f"{where}.snapshots", found, f"steps among {kept or 'some'}", fix)
    if "noise" in axes and without_chance(gans["generator"]):
        found = f"noise, and the generator of {variant} has neither noise_channels nor dropout"
        fix = f"set gans.generator.{gans['generator']['kind']}.noise_channels, or take another axis"
        key = "rows" if axes[0] == "noise" else "columns"
        yield value_error(f"{where}.{key}", found, "a generator with chance", fix)
    if "structure_map" in sheet["panels"] and not any(map(is_map, gans["conditions"])):
        found = f"structure_map, and gans.conditions of {variant} has none"
        fix = "add one, like structure:otsu, to gans.conditions, or leave the panel out"
        yield value_error(f"{where}.panels", found, "conditions, real, masked, drawn", fix)

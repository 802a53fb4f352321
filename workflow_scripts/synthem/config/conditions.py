"""What images are painted on, `gans.conditions`: words that mean nothing, and masks that nobody uses."""

from synthem.config.messages import contradiction_error, did_you_mean, one_of, reference_error, value_error
from synthem.config.needs import variants_of_generators
from synthem.config.study import in_variant
from synthem.gans.conditions import BACKGROUND, MEMBRANE, STRUCTURE, STRUCTURE_MAPS, is_map, names_of
from synthem.storage.naming import BASE

WHERE = "gans.conditions"
GROUP = "labels"  # of the file that new masks are written to


def condition_contradictions(config):
    """Problems of the words of one variant alone."""
    words, structure = config["gans"]["conditions"], config["structure"]
    if words and words[0] != STRUCTURE:
        fix = f"write `{STRUCTURE}` first: it is what U-Nets learn to find in the images"
        yield value_error(WHERE, f"`{words[0]}` as the first", f"`{STRUCTURE}`", fix)
    if structure in words and structure not in (STRUCTURE, MEMBRANE):  # another check refuses MEMBRANE
        found = f"`{structure}`, the structure of the run by its own name"
        yield value_error(WHERE, found, f"`{STRUCTURE}` for it", "remove it, or name another mask")
    maps = [word for word in words if is_map(word)]
    for word in maps:
        yield from one_of(WHERE, word, STRUCTURE_MAPS, fix="name one of these")
    if maps and config["gans"]["one_hot"]:
        found = f"true with {', '.join(maps)}, which lies in masks and beside them"
        yield contradiction_error("gans.one_hot", found, "false", "set it to false, or name masks alone")
    if config["gans"]["one_hot"] and config["gans"]["objective"]["kind"] == "classes":
        found = "true with gans.objective.kind: classes, which makes classes of masks itself"
        yield contradiction_error("gans.one_hot", found, "false", "set it to false")


def mask_contradictions(study, entries):
    """Masks that generators shall see and a target has not; masks of a user that nothing uses."""
    for target in study.targets:
        masks = entries[target]["masks"] if target in entries else {}
        for variant in variants_of_generators(study) if masks else ():
            words = study.configs[variant]["gans"]["conditions"]
            for problem in _missing(target, masks, words):
                yield in_variant(problem, variant)
            yield from _taken(target, masks, words)
    yield from _unused(study, entries)


def _missing(target, masks, words):
    for name in words:
        if not is_map(name) and name not in (STRUCTURE, MEMBRANE, *masks):
            fix = did_you_mean(name, masks) or f"add volumes.{target}.masks.{name}, or name what is there"
            yield reference_error(WHERE, f"`{name}`, no mask of {target}", f"one of {', '.join(masks)}", fix)


def _taken(target, masks, words):
    """Names that something else has in the files of generators."""
    of_maps = names_of([word for word in words if is_map(word)], STRUCTURE)
    for name in [*({GROUP, BACKGROUND} & set(words)), *(set(of_maps) & set(masks))]:
        fix = "rename it: files of generators have something else of this name"
        yield value_error(f"volumes.{target}.masks.{name}", f"a mask named `{name}`", "another name", fix)


def _unused(study, entries):
    """Masks that the user gave to a target, not those of a layout: these come with the data."""
    if not study.painters:
        return
    # To leave membranes out is a choice: they are seen by default. And what is pasted avoids them.
    structure = study.configs[BASE]["structure"]
    seen = {structure, MEMBRANE}
    for variant in variants_of_generators(study):
        seen.update(study.configs[variant]["gans"]["conditions"])
    for target in study.targets:
        if structure not in entries.get(target, {}).get("masks", {}):
            continue  # it may be misspelt: another check has the words for that
        for name in study.configs[BASE]["volumes"].get(target, {}).get("masks", {}):
            if name not in seen:
                found = "a mask that nothing of this run uses: neither the structure nor seen by a generator"
                fix = f"name it in {WHERE}, or remove it"
                expected = "masks that are used"
                yield contradiction_error(f"volumes.{target}.masks.{name}", found, expected, fix)

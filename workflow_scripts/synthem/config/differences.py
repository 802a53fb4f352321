"""What arms differ in: the settings that count for each, and arms that differ in nothing.

Two arms of the same networks and segmentations have a difference of 0 in every replicate: it would be called
"no effect" with the smallest p of all, and cost the true comparisons some of their certainty.
"""

from synthem.config.arms import unread_sections
from synthem.config.data_sets import DATA_SETS, PREDICTED
from synthem.config.depth import ONE_SLICE, sees_slices
from synthem.config.kinds import COMPANIONS, IN_PLACE_OF, value_at
from synthem.config.messages import contradiction_error
from synthem.config.needs import membranes_from
from synthem.config.study import swept
from synthem.networks.registry import IN_SPACE
from synthem.storage.naming import BASE
from synthem.storage.splits import ALL

OF_ARM = ("unets", "inference", "watershed", "labels.strategy")
CHOICES = ("kind", "method")  # keys whose word names the one section beside them that counts
SWITCHES = {one: switch for switch, own in COMPANIONS.items() for one in own}
OVERRULED = {one: word for word, own in IN_PLACE_OF.items() for one in own}
WATCHING = ("snapshots", "grid", "compare")  # what is kept or shown besides: no score depends on it
OF_SLICES = [f"inference.{key}" for key in ONE_SLICE]  # of networks that see several slices


def same_arms(study, entries):
    """Arms that are another arm in all that counts: their data, how these are made, and their settings."""
    reference, known, problems = study.configs[BASE]["study"]["reference"], [], {}
    told = {problem.where for problem in unread_sections(study, entries)}
    for name in sorted(study.arms, key=lambda name: name != reference):
        own = _everything(study, entries, name)
        twin = next((other for other, settings in known if settings == own), None)
        if twin:
            problem = _same(study, entries, name, twin)
            problems.setdefault(problem.where, problem)  # a key of a sweep is one problem, not one per value
        else:
            known.append((name, own))
    return [problem for where, problem in problems.items() if where not in told]


def changes(study, entries, name):
    """What an arm changes, in words: against the reference, and of the images that it learns from, against
    the config itself: ["unets.network.kind: unet → boundless", ...].
    """
    reference = study.arms[study.configs[BASE]["study"]["reference"]]
    arm = study.arms[name]
    own, other = study.configs[arm.variant], study.configs[reference.variant]
    found = _changed(read_settings(own, OF_ARM), other)
    for one in arm.learns_from:
        maker = study.painted_by(one) or one
        if one not in reference.learns_from:
            said = _changed(_settings_of_set(study, entries, maker), study.configs[BASE])
            found += [f"{line} (images of {maker})" for line in said if line not in found]
    return found


def why_unread(config, key, network="unets"):
    """Why a key, such as `unets.network.unet3d.base_width`, changes no result, in words; "" if it counts.

    network: the section whose network is used where the key is one of `inference`.
    """
    words, part = key.split("."), config
    if words[-1] in WATCHING:
        return "changes no score"
    if key == "labels.strategy" and config["labels"]["budgets"] == [ALL]:
        return "is read only where `labels.budgets` has a number"
    if words[0] == "mask_generator" and config["synthesis"]["masks"]["kind"] != "stylegan":
        return "is read only where `synthesis.masks.kind` is stylegan"
    if key in OF_SLICES and not sees_slices(config[network]["network"]):
        return f"is read only where `{network}.network.kind` is {' or '.join(IN_SPACE)}"
    for depth, word in enumerate(words):
        above = ".".join(words[:depth])
        choice = next((choice for choice in CHOICES if choice in part), None)
        if choice and isinstance(part[word], dict) and word != part[choice]:
            return f"is read only where `{above}.{choice}` is {word}"
        beside = SWITCHES.get(word)
        if beside in part and not part[beside]:
            return f"is read only where `{above}.{beside}` is above 0"
        instead = OVERRULED.get(word)
        if instead in part and part[instead]:
            return f"is read only where `{above}.{instead}` is empty"
        part = part[word]
    return ""


def read_settings(config, sections, network="unets"):
    """{key: value} of all keys in these sections that count."""
    found = {key: value for section in sections for key, value in _leaves(value_at(config, section), section)}
    return {key: value for key, value in found.items() if not why_unread(config, key, network)}


def _leaves(part, key):
    """(key, value) of all that stands below a key."""
    if isinstance(part, dict) and part:
        for word, inner in part.items():
            yield from _leaves(inner, f"{key}.{word}" if key else word)
    else:
        yield key, part


def _everything(study, entries, name):
    arm = study.arms[name]
    return (
        _made_of(study, entries, arm.sets),
        _made_of(study, entries, arm.then),
        arm.then and arm.switch,
        read_settings(study.configs[arm.variant], OF_ARM),
    )


def _made_of(study, entries, shares):
    """What the patches of an arm are, whatever their data sets are called."""
    return sorted(([_origin(study, entries, name), share] for name, share in shares.items()), key=repr)


def _origin(study, entries, name):
    """A data set without its name: its kind, and what it is made of and by."""
    data_set = study.data_sets.get(name)
    if data_set is None:
        return [name]  # the labelled slices of the target
    if data_set["kind"] == "mismatched":
        return [data_set["kind"], *_origin(study, entries, data_set["of"])]
    return [data_set["kind"], data_set["volume"], _settings_of_set(study, entries, name)]


def _settings_of_set(study, entries, name):
    """{key: value} of the settings that count for a data set."""
    config, kind = study.configs[study.variant_of(name)], study.data_sets[name]["kind"]
    sections = DATA_SETS[kind].settings
    if kind == "gan":
        predicted = any(membranes_from(config, entries, target) == "source" for target in study.targets)
        return read_settings(config, sections + (PREDICTED if predicted else ()), network="membranes")
    return {key: value for one in sections for key, value in _leaves(value_at(config, one), one)}


def _same(study, entries, name, twin):
    """The problem of an arm that is another one, where the cause of it stands in the config."""
    arm, other = study.arms[name], study.arms[twin]
    sets = [one for one in arm.learns_from if one not in other.learns_from]
    if sets:
        made = _origin(study, entries, sets[0])
        like = next(one for one in other.learns_from if _origin(study, entries, one) == made)
        where, what = f"arms.{name}.sets", f"`{sets[0]}`, which is made like `{like}`"
        makers = [study.painted_by(one) or one for one in (sets[0], like)]
        variants = [(study.variant_of(one), _settings_of_set(study, entries, one)) for one in makers]
    elif arm.variant in swept(study.configs[BASE]):
        return _same_in_sweep(study, arm.variant, name, twin)
    else:
        variants = [(one.variant, read_settings(study.configs[one.variant], OF_ARM)) for one in (arm, other)]
        named = next((one for one in (name, twin) if study.arms[one].variant != BASE), None)
        where = f"arms.{named}.variant" if named else f"arms.{name}"
        what = f"`{study.arms[named].variant}`" if named else "the same data and settings"
    why = next((_without_effect(study, *one) for one in variants if one[0] != BASE), "")
    found = f"{what}: the arm `{name}` is the arm `{twin}` in all that counts{why}"
    fix = "change a setting that counts, or leave one of the two arms out"
    return contradiction_error(where, found, "arms that differ", fix)


def _same_in_sweep(study, variant, name, twin):
    """`_same` where the arm is one of a sweep: its key counts nowhere, or another arm has the value."""
    config = study.configs[BASE]
    sweep, value = swept(config)[variant]
    key, same = config["sweeps"][sweep]["key"], f"the arm `{name}` is the arm `{twin}` in all that counts"
    own = study.configs[variant]
    if key not in read_settings(own, OF_ARM):
        why = why_unread(own, key) or "is not read by arms"
        found, fix = f"`{key}`, which {why}: {same}", "name a key that counts"
        return contradiction_error(f"sweeps.{sweep}.key", found, "a key that changes the arms", fix)
    found, fix = f"{_word(value)}: {same}", f"leave {_word(value)} out: `{twin}` is compared with the others"
    return contradiction_error(f"sweeps.{sweep}.values", found, "values that no other arm has", fix)


def _without_effect(study, variant, settings):
    """Why what a variant changes has no effect, key by key; settings: those that count there."""
    config, why = study.configs[variant], []
    for key, value in _leaves(study.configs[BASE]["variants"][variant], ""):
        if isinstance(value, dict):
            continue  # a section without keys
        in_both = f"is {_word(settings[key])} in both" if key in settings else ""
        why.append(f"`{key}` {in_both or why_unread(config, key) or 'is not read there'}")
    return f"; {'; '.join(why[:3])}" if why else ""


def _changed(settings, other):
    """Lines of the settings {key: value} that are not those of another config."""
    pairs = ((key, value_at(other, key), value) for key, value in settings.items())
    return [f"{key}: {_word(old)} → {_word(new)}" for key, old, new in pairs if old != new]


def _word(value):
    """A value as people write it in YAML."""
    if isinstance(value, list):
        return f"[{', '.join(map(_word, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if value or value == 0 else "none"

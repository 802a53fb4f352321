"""What is wrong with arms, data sets, variants, sweeps and the gallery of a config."""

from synthem.config.data_sets import DATA_SETS, read_by
from synthem.config.messages import one_of, reference_error, value_error
from synthem.config.needs import other_networks
from synthem.config.sheets import painted_sets, sheet_references
from synthem.config.study import NETWORKS_SHOWN, in_name, swept
from synthem.metrics.definitions import CONTROLS
from synthem.storage.naming import BASE, REAL

# The sections of a variant that are looked at, by where it is named.
READ_BY_ARM = ("unets", "inference", "watershed", "labels")
READ_BY_NETWORK = {
    "membranes": ("membranes", "inference"),
    "pretraining": ("pretraining",),
    "gans": ("gans",),
}


def study_contradictions(config):
    """Arms, data sets and variants that name what does not exist, or contradict each other."""
    yield from _reserved(config)
    known = [REAL, *config["data_sets"]]
    for name in config["study"]["arms"]:
        yield from one_of("study.arms", name, config["arms"], fix="define it in `arms`")
    reference = config["study"]["reference"]
    yield from one_of("study.reference", reference, config["study"]["arms"], fix="name an arm of study.arms")
    for name, arm in config["arms"].items():
        where = f"arms.{name}"
        for key in ("sets", "then"):
            for one in arm[key]:
                yield from one_of(f"{where}.{key}", one, known, fix="define it in `data_sets`")
            total = sum(arm[key].values())
            if arm[key] and abs(total - 1) > 1e-6:
                fix = "give each data set its share of the patches"
                yield value_error(f"{where}.{key}", f"shares that sum to {total:g}", "a sum of 1", fix)
        if arm["variant"]:
            example = "unets: {training: {steps: 300}}"
            yield from _variant(f"{where}.variant", arm["variant"], config["variants"], example)
    for name, data_set in config["data_sets"].items():
        yield from _data_set(f"data_sets.{name}", data_set, config)
    yield from _pure_controls(config)
    yield from _one_strategy(config)
    yield from _gallery(config)
    yield from sheet_references(config)


def _variant(where, name, variants, example):
    """A variant that exists; where there is none at all, what one looks like."""
    if variants:
        yield from one_of(where, name, variants, fix="define it in `variants`")
    else:
        found, fix = f"`{name}`, and there are no variants yet", "write the keys that differ, for example "
        yield reference_error(where, found, "a variant", f"{fix}`variants: {{{name}: {{{example}}}}}`")


def _gallery(config):
    """Generators, and variants of other networks, that exist."""
    for name in config["gallery"]["data_sets"]:
        fix = "name a data set of the kind gan"
        yield from one_of("gallery.data_sets", name, painted_sets(config), fix=fix)
    for kind in NETWORKS_SHOWN:
        for name in config["gallery"][kind]:
            known, fix = [BASE, *config["variants"]], "name a variant or a sweep"
            yield from one_of(f"gallery.{kind}", name, known, fix=fix)


def unread_sections(study, entries):
    """Sections that a variant changes, and nothing that it is named at looks at: the change would be lost."""
    config = study.configs[BASE]
    uses = [(f"arms.{name}.variant", arm.variant, READ_BY_ARM) for name, arm in study.arms.items()]
    uses += [
        (f"data_sets.{name}.variant", data_set["variant"], read_by(data_set["kind"]))
        for name, data_set in (study.gallery.data_sets | study.data_sets).items()
        if data_set["variant"]
    ]
    read = {variant: set(sections) for _, variant, sections in uses}
    for _, variant, sections in uses:
        read[variant].update(sections)
    for kind, _, variant in other_networks(study, entries):
        read.setdefault(variant, set()).update(READ_BY_NETWORK[kind])
    for where, variant, _ in uses:
        for section in config["variants"].get(variant, {}):
            if section not in read[variant]:
                yield _unread(where, variant, section, config)


def _unread(where, variant, section, config):
    if variant in swept(config):
        sweep, _ = swept(config)[variant]
        found = f"`{config['sweeps'][sweep]['key']}`: nothing that names the sweep reads {section}"
        fix = "name a key that it reads"
        return value_error(f"sweeps.{sweep}.key", found, "settings of what it is named at", fix)
    data_set = f"name it at a data set, like data_sets.mine: {{kind: gan, variant: {variant}}}"
    network = f"start from its network, results/pretraining/{{volume}}/{variant}/network.pt"
    fixes = {"pretraining": network} | dict.fromkeys(READ_BY_ARM, "name it at an arm")
    found = f"`{variant}`, which changes {section}: nothing of this reads that"
    return value_error(where, found, "settings of what it is named at", fixes.get(section, data_set))


def _data_set(where, data_set, config):
    """A data set has the keys of its kind, and no others."""
    kind = data_set["kind"]
    for key in ("variant", "of", "volume"):
        if data_set[key] and key not in DATA_SETS[kind].keys:
            kinds = " or ".join(one for one, other in DATA_SETS.items() if key in other.keys)
            found = f"`{data_set[key]}` with the kind {kind}"
            yield value_error(f"{where}.{key}", found, f"nothing, or the kind {kinds}", "remove it")
    if data_set["variant"] in config["sweeps"]:
        first = in_name(config["sweeps"][data_set["variant"]]["values"][0])
        fix = f"name one of its values, like {data_set['variant']}-{first}, at a data set for each"
        yield value_error(f"{where}.variant", f"the sweep `{data_set['variant']}`", "one variant", fix)
    elif data_set["variant"]:
        example = "gans: {training: {steps: 1000}}"
        yield from _variant(f"{where}.variant", data_set["variant"], config["variants"], example)
    if kind == "volume":
        yield from one_of(
            f"{where}.volume", data_set["volume"], config["volumes"], fix="define it in `volumes`"
        )
        if data_set["volume"] in config["targets"]:
            found = f"`{data_set['volume']}`, a target: an arm would learn from labels beyond its budget"
            yield value_error(f"{where}.volume", found, "a volume that is no target", "name another volume")
    if kind == "mismatched":
        fix = "name a data set of the kind gan"
        yield from one_of(f"{where}.of", data_set["of"], painted_sets(config), fix=fix)


def sweep_contradictions(config):
    """Sweeps whose variants and arms would have the name of something else; before they are written out."""
    own, fix = "a name of its own", "rename one of the two"
    for name, sweep in config["sweeps"].items():
        if name in config["variants"]:
            yield value_error(f"sweeps.{name}", "the name of a variant", own, fix)
        words = [in_name(value) for value in sweep["values"]]
        families = [arm for arm, section in config["arms"].items() if section.get("variant") == name]
        for word in dict.fromkeys(words):
            if words.count(word) > 1:
                found = f"`{word}` as the name of several values"
                yield value_error(f"sweeps.{name}.values", found, own, "change one of them")
            if f"{name}-{word}" in config["variants"]:
                yield value_error(f"variants.{name}-{word}", f"the name of a variant of `{name}`", own, fix)
            for arm in families:
                if f"{arm}-{word}" in config["arms"]:
                    yield value_error(f"arms.{arm}-{word}", f"the name of an arm under `{name}`", own, fix)


def _reserved(config):
    """Names that have a meaning of their own, and keys that a variant cannot change."""
    for name, departures in config["variants"].items():
        if "compare" in departures.get("watershed", {}):
            where, fix = f"variants.{name}.watershed.compare", "write it in `watershed` itself"
            yield value_error(where, "a list of methods", "none: all arms have one table of methods", fix)
    if BASE in config["variants"]:
        fix = "rename it: the config itself is called so"
        yield value_error(f"variants.{BASE}", f"a variant named `{BASE}`", "another name", fix)
    if REAL in config["data_sets"]:
        fix = "rename it: the labelled slices of the target are called so"
        yield value_error(f"data_sets.{REAL}", f"a data set named `{REAL}`", "another name", fix)


def _pure_controls(config):
    """A control must come out as no effect, or as harm.

    That is known of its data set beside real slices alone, and of the reference's own variant: of another, it
    would tell that variant's effect, and withhold the verdicts of all arms for it.
    """
    reference = config["arms"].get(config["study"]["reference"], {"variant": ""})
    for name, arm in config["arms"].items():
        learnt = [one for one in dict.fromkeys([*arm["sets"], *arm["then"]]) if one in config["data_sets"]]
        controls = [one for one in learnt if config["data_sets"][one]["kind"] in CONTROLS]
        others = [f"`{one}`" for one in learnt if one not in controls[:1]]
        if controls and others:
            found = f"`{controls[0]}`, a control, beside {' and '.join(others)}"
            fix = "give the control an arm of its own"
            yield value_error(f"arms.{name}", found, f"`{REAL}` alone beside a control", fix)
        if controls and name in config["study"]["arms"] and arm["variant"] != reference["variant"]:
            found, expected = (f"`{one['variant'] or BASE}`" for one in (arm, reference))
            fix = "give the control the variant of study.reference, which it is held against"
            yield value_error(f"arms.{name}.variant", found, expected, fix)


def _one_strategy(config):
    """What an arm learns from was made of the labels that the arm itself may use, and of no others."""
    for name in config["study"]["arms"]:
        arm = config["arms"].get(name)
        if not arm:
            continue
        own = _strategy(config, arm["variant"])
        for one in dict.fromkeys([*arm["sets"], *arm["then"]]):
            data_set = config["data_sets"].get(one)
            maker = config["data_sets"].get(data_set["of"], data_set) if data_set else None
            if maker and maker["kind"] != "volume" and _strategy(config, maker["variant"]) != own:
                found = f"`{one}`, made of labels drawn by another strategy than the arm's, {own}"
                fix = "give both a variant with the same labels.strategy"
                yield value_error(f"arms.{name}.sets", found, "one strategy", fix)


def _strategy(config, variant):
    departures = config["variants"].get(variant, {})
    return departures.get("labels", {}).get("strategy", config["labels"]["strategy"])

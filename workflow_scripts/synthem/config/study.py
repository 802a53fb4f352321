"""A study as the config describes it: its arms, the data sets they learn from, and the settings of each.

A variant is a named departure from some sections of the config; `base` is the config itself. A stage of the
workflow is computed once for all variants that agree on its settings and on those of all stages before it:
under the name of the first of them (`alike`).
"""

import re
from copy import deepcopy
from dataclasses import dataclass, field

from synthem.config.depth import inference_of
from synthem.config.kinds import chosen, value_at
from synthem.config.papers import paper_filled_in
from synthem.config.sheets import sheets_filled_in, shown_sets
from synthem.storage.naming import BASE, REAL

NETWORKS_SHOWN = ("membranes", "pretraining")  # in the gallery, by their variants
SEGMENTING = ("membranes", "unets")  # sections whose networks predict by the settings `inference`
VARIED = (
    "membranes",
    "pretraining",
    "gans",
    "mask_generator",
    "synthesis",
    "unets",
    "inference",
    "watershed",
    "labels",
)


@dataclass(frozen=True)
class Arm:
    """What a U-Net learns from, and under which settings."""

    sets: dict  # {data set: share of the patches}
    then: dict  # the same from `switch` * steps on, or {}
    switch: float
    variant: str

    @property
    def learns_from(self):
        """Its data sets beside the real slices, in order."""
        return [name for name in dict.fromkeys([*self.sets, *self.then]) if name != REAL]


@dataclass(frozen=True)
class Gallery:
    """What is trained to be looked at and measured, beside what arms use."""

    data_sets: dict  # {name: {kind: gan, ...}}
    membranes: list  # variants of the membrane network
    pretraining: list  # variants of the pre-training


@dataclass(frozen=True)
class Study:
    """The arms of a run with the config of every variant."""

    configs: dict  # {variant: the whole config under it}, BASE first
    arms: dict  # {name: Arm}, in the order of the tables
    data_sets: dict  # {name: {kind, ...}} that an arm learns from
    gallery: Gallery
    _first: dict = field(default_factory=dict, repr=False)

    def alike(self, variant, *sections):
        """The first variant that agrees on these sections, or keys in them (`membranes.training`).

        It is the name under which their stage is computed.
        """
        key = (variant, sections)
        if key not in self._first:
            own = self._settings(variant, sections)
            self._first[key] = next(name for name in self.configs if self._settings(name, sections) == own)
        return self._first[key]

    def _settings(self, variant, sections):
        config = self.configs[variant]
        if predicting := [section for section in SEGMENTING if section in sections]:
            config = config | {"inference": inference_of(config, *predicting)}
        return [chosen(value_at(config, section)) for section in sections]

    def first_arm(self, arm, *sections):
        """The first arm with the same data and the same settings: it shares its networks with this one."""
        own = self._learning(arm, sections)
        return next(name for name in self.arms if self._learning(name, sections) == own)

    def networks_of(self, arm):
        """The arm under whose name the networks of an arm lie."""
        return self.first_arm(arm, "unets", "labels")

    @property
    def trained_arms(self):
        """Arms with networks of their own; the others share them."""
        return list(dict.fromkeys(map(self.networks_of, self.arms)))

    def _learning(self, name, sections):
        arm = self.arms[name]
        return (arm.sets, arm.then, arm.then and arm.switch, self.alike(arm.variant, *sections))

    @property
    def targets(self):
        return self.configs[BASE]["targets"]

    @property
    def source(self):
        return self.configs[BASE]["source"]

    def variant_of(self, name):
        """The variant under which a data set is made."""
        return (self.gallery.data_sets | self.data_sets)[name]["variant"] or BASE

    @property
    def invented(self):
        """The names of the data sets of generators whose masks are invented, too: by a StyleGAN."""
        made = {name: self.configs[self.variant_of(name)]["synthesis"] for name in self.of_kind("gan")}
        return [name for name, synthesis in made.items() if synthesis["masks"]["kind"] == "stylegan"]

    @property
    def painters(self):
        """The names of the data sets whose generators are trained: for arms, or for the gallery."""
        return list(dict.fromkeys([*self.of_kind("gan"), *self.gallery.data_sets]))

    def of_kind(self, *kinds):
        """The names of the data sets of these kinds."""
        return [name for name, data_set in self.data_sets.items() if data_set["kind"] in kinds]

    def painted_by(self, name):
        """The data set of a generator behind a data set; None where there is none."""
        data_set = self.data_sets[name]
        if data_set["kind"] == "mismatched":
            return data_set["of"]
        return name if data_set["kind"] == "gan" else None

    def generators_of(self, arm):
        """The data sets of generators that an arm waits for."""
        found = (self.painted_by(name) for name in self.arms[arm].learns_from)
        return list(dict.fromkeys(name for name in found if name))


def in_variant(problem, variant):
    """A problem of the config of a variant, at its key below `variants`."""
    return problem if variant == BASE else problem.below(f"variants.{variant}")


def study_of(config, canonical):
    """The Study of a config that is filled in; `canonical` gives keys and numbers their one form."""
    arms = {name: arm_of(config["arms"][name]) for name in config["study"]["arms"]}
    waiting, used = [name for arm in arms.values() for name in arm.learns_from], {}
    while waiting:
        name = waiting.pop(0)
        used[name] = config["data_sets"][name]
        waiting += [used[name]["of"]] if used[name]["of"] and used[name]["of"] not in used else []
    used = {name: config["data_sets"][name] for name in config["data_sets"] if name in used}
    shown = config["gallery"]
    in_sheets = [name for sheet in config["sheets"].values() for name in shown_sets(sheet)]
    gallery = Gallery(
        {name: config["data_sets"][name] for name in [*shown["data_sets"], *in_sheets]},
        shown["membranes"],
        shown["pretraining"],
    )
    # In the order of their use: a new arm at the end takes no other arm's place as the first that agrees.
    asked = [arm.variant for arm in arms.values()]
    asked += [data_set["variant"] for data_set in (used | gallery.data_sets).values()]
    asked += [*gallery.membranes, *gallery.pretraining]
    variants = config["variants"]
    order = dict.fromkeys([*(name for name in asked if name in variants), *variants])
    configs = {BASE: config} | {name: canonical(merged(config, variants[name])) for name in order}
    return Study(configs, arms, used, gallery)


def arm_of(section):
    """An entry of `arms`, filled in."""
    return Arm(section["sets"], section["then"], section["switch"], section["variant"] or BASE)


def config_filled_in(config):
    """The config with all keys of its arms and data sets, and with its sweeps written out."""
    arms = {name: {"then": {}, "switch": 0.5, "variant": "", **arm} for name, arm in config["arms"].items()}
    sets = {
        name: {"variant": "", "of": "", "volume": "", **data_set}
        for name, data_set in config["data_sets"].items()
    }
    for data_set in sets.values():
        if data_set["kind"] == "volume" and not data_set["volume"]:
            data_set["volume"] = config["source"]
    filled = {"arms": arms, "data_sets": sets, "paper": paper_filled_in(config["paper"])}
    return written_out(config | filled | {"sheets": sheets_filled_in(config)})


def merged(config, departures):
    """A config with the keys that another mapping, such as a variant, names in place of its own."""
    result = dict(config)
    for key, part in departures.items():
        both = isinstance(part, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], part) if both else deepcopy(part)
    return result


def written_out(config):
    """The config with each sweep as its variants, and an arm under a sweep as a family of arms."""
    variants, families = dict(config["variants"]), {}
    for name, sweep in config["sweeps"].items():
        families[name] = {value: f"{name}-{in_name(value)}" for value in map(str, sweep["values"])}
        for value in sweep["values"]:
            variants[f"{name}-{in_name(value)}"] = nested(sweep["key"].split("."), value)
    arms, names = {}, {}
    for name, arm in config["arms"].items():
        family = families.get(arm["variant"])
        members = {name: arm}
        if family:
            members = {
                f"{name}-{in_name(value)}": arm | {"variant": variant} for value, variant in family.items()
            }
        arms |= members
        names[name] = list(members)
    compared = [member for name in config["study"]["arms"] for member in names.get(name, [name])]
    shown = {
        kind: [one for name in config["gallery"][kind] for one in families.get(name, {name: name}).values()]
        for kind in NETWORKS_SHOWN
    }
    return config | {
        "variants": variants,
        "arms": arms,
        "study": config["study"] | {"arms": compared},
        "gallery": config["gallery"] | shown,
    }


def swept(config):
    """{variant: (sweep, value)} of the variants that sweeps write."""
    return {
        f"{name}-{in_name(value)}": (name, value)
        for name, sweep in config["sweeps"].items()
        for value in sweep["values"]
    }


def in_name(value):
    """A value of a sweep as a part of a name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", str(value)).strip("-") or "none"


def nested(keys, value):
    """["a", "b"], 1 -> {"a": {"b": 1}}"""
    return {keys[0]: nested(keys[1:], value)} if keys else value

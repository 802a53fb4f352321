"""The section `apply`, whole stacks to segment: test stacks without masks, and what contradicts itself."""

import os
import re

from synthem.config.entries import STACKS, stack_filled_in
from synthem.config.messages import one_of, value_error
from synthem.storage.naming import BASE


def applied_target(config):
    """The target whose networks segment whole stacks; "" in a run without targets, which trains none."""
    return config["apply"]["target"] or next(iter(config["targets"]), "")


def files_of_networks(config):
    """{name: [file]} of `apply.networks`."""
    networks = config["apply"]["networks"]
    return {name: [files] if isinstance(files, str) else files for name, files in networks.items()}


def with_unscored_tests(config, entries):
    """The config and its filled-in volumes, with a test stack that has neither masks nor labels in `apply`.

    Nothing can score such a stack. That of the target whose networks are applied becomes the stack
    `<target>-test`, and scores come from a block of the target's own stack, by `split`. Not where `resize`
    gives the target other pixels than its files have: a stack of `apply` keeps its own.
    """
    target, stacks = applied_target(config), config["apply"]["stacks"]
    entry, name = entries.get(target, {}), f"{target}-test"
    test = entry.get("test") or {"masks": True}
    taken = name in stacks or name in config["volumes"]
    if test["masks"] or test["labels"] or taken or "resize" in entry:
        return config, entries
    stack = {"image": test["image"], "test_of": target, "tiles": entry["tiles"]}
    if entry["voxel_size_nm"]:
        stack["voxel_size_nm"] = entry["voxel_size_nm"]
    applied = config["apply"] | {"stacks": stacks | {name: stack}}
    return config | {"apply": applied}, entries | {target: entry | {"test": {}}}


def stack_in(entry, stack):
    """Which stack of a volume's entry a stack of `apply` is: `image`, `validation` or `test`; or `none`.

    By its file, so that slices which have labels already are not asked for again.
    """
    own = {"image": entry} | {block: entry[block] for block in STACKS if entry[block]}
    file = os.path.realpath(stack["image"])
    return next((name for name, one in own.items() if os.path.realpath(one["image"]) == file), "none")


def apply_contradictions(study, entries):
    """Names of targets, arms and stacks that do not exist, or that other things have; too many replicates."""
    config = study.configs[BASE]
    section = config["apply"]
    if not study.targets and not section["networks"]:
        yield value_error("targets", "none", "names below volumes", "name one, or networks in apply.networks")
    if section["target"]:
        yield from one_of("apply.target", section["target"], study.targets, fix="name one of targets")
    if section["arm"] and not study.targets:
        fix = "leave it empty, or name a target"
        yield value_error("apply.arm", f"`{section['arm']}`, without a target that trains it", "empty", fix)
    elif section["arm"]:
        yield from one_of("apply.arm", section["arm"], study.arms, fix="name one of study.arms")
    if section["replicates"] not in ("all", 1) and section["replicates"] > config["study"]["replicates"]:
        most = config["study"]["replicates"]
        found, fix = f"{section['replicates']} of {most}", "lower it, write all, or raise study.replicates"
        yield value_error("apply.replicates", found, f"at most {most}", fix)
    arms = [section["arm"]] if section["arm"] in study.arms else list(study.arms)
    targets = [study.configs[study.arms[arm].variant]["unets"]["target"]["kind"] for arm in arms]
    for name in section["networks"]:
        if name in study.arms:
            fix = "rename the networks: results lie under the names of both"
            yield value_error(f"apply.networks.{name}", "the name of an arm", "a name of its own", fix)
    for name, entry in section["stacks"].items():
        trained = section["arm"] or not section["networks"]
        if trained and stack_filled_in(entry)["resample"] and "affinities" in targets:
            found = "true, with networks that learn affinities, which are of pixels as they have learnt them"
            fix = "give the stack with pixels of their size, or name an arm in apply.arm that learns none"
            yield value_error(f"apply.stacks.{name}.resample", found, "false", fix)
        if name in config["volumes"]:
            fix = "rename the stack: tables of the data check name both alike"
            yield value_error(f"apply.stacks.{name}", "the name of a volume", "a name of its own", fix)
        phantom = re.match(r"results/phantoms/([^/]+)", stack_filled_in(entry)["image"])
        if phantom:
            yield from one_of(f"apply.stacks.{name}", phantom.group(1), config["phantoms"])

"""Fills in an entry of `volumes` in the config: layouts, defaults of polarity, masks made of labels."""

import os
import re
from collections import Counter

from synthem.config.layouts import laid_out
from synthem.errors import SynthemError
from synthem.sources.names import split_source

STACKS = ("validation", "test")  # stacks of their own that a volume may have
# What an entry of `apply.stacks` may say beside its image; test_of: the volume whose test stack it was.
STACK = {"voxel_size_nm": [], "resample": False, "test_of": ""}
MOST_SLICES = 10**6  # that a list of labelled slices may name


def filled_in(name, entry, structure):
    """{image, masks, labels, labelled_slices, withheld, validation, ...}: plain data; `fold` only if given.

    A mask is {files, foreground, background, ignore}, labels are {files, background, ignore}. Where
    `structure` has labels but no mask, its mask is every voxel of an instance. `labelled_slices` are numbers,
    one by one; [] where masks and labels are for all slices.
    """
    where = f"volumes.{name}"
    entry = _with_layout(where, entry, structure)
    if "image" not in entry:
        fix = "name the image, or a layout and its folder"
        raise SynthemError("CONFIG_KEY", f"{where}.image", "missing", expected="a stack", fix=fix)
    return {
        **_stack(where, entry, structure),
        "withheld": {mask: _mask(files) for mask, files in entry.get("withheld", {}).items()},
        **{block: _own(f"{where}.{block}", entry.get(block), structure) for block in STACKS},
        "voxel_size_nm": entry.get("voxel_size_nm", []),
        "tiles": entry.get("tiles", False),
        **{key: entry[key] for key in ("fold", "resize") if key in entry},
    }


def stack_filled_in(entry):
    """A stack of `apply` as a volume without masks or labels; a plain text is its image."""
    entry = {"image": entry} if isinstance(entry, str) else entry
    known = {"masks": {}, "labels": {}, "labelled_slices": [], "withheld": {}, "tiles": False}
    return known | dict.fromkeys(STACKS, {}) | STACK | entry


def split_of(split, entry, *, scored):
    """{test, gap_nm, fold} of a volume, with its own fold, if any; 0 for what cuts nothing of it.

    What is not scored has no test block, what has a test stack none of its own slices, and tiles no gap.
    """
    if not scored or entry["test"]:
        return dict.fromkeys(split, 0)
    gap = {"gap_nm": 0} if entry["tiles"] else {}
    return {**split, "fold": entry.get("fold", split["fold"]), **gap}


def stacks_of(name, entry):
    """{key of the config: stack} of a filled-in entry: its main stack, and those of their own."""
    own = {f"volumes.{name}.{block}": entry[block] for block in STACKS if entry[block]}
    return {f"volumes.{name}": entry} | own


def sources_of(entry):
    """Every source that a filled-in entry names, each once, in a fixed order."""
    found = []
    for stack in (entry, *(entry.get(block) or {} for block in STACKS)):
        found += [stack["image"]] if "image" in stack else []
        for group in ("masks", "labels", "withheld"):
            found += [part["files"] for part in stack.get(group, {}).values()]
    return list(dict.fromkeys(found))


def with_sources(entry, made_of):
    """A filled-in entry, with made_of(source) in place of every source that it names."""

    def replaced(stack):
        own = {"image": made_of(stack["image"])} if "image" in stack else {}
        for group in ("masks", "labels", "withheld"):
            if group in stack:
                parts = stack[group].items()
                own[group] = {name: part | {"files": made_of(part["files"])} for name, part in parts}
        return stack | own

    return replaced(entry) | {block: replaced(entry[block]) for block in STACKS if entry.get(block)}


def _with_layout(where, entry, structure):
    """The entry with what its layout has, mask by mask; what the user wrote stays."""
    layout, folder = entry.get("layout"), entry.get("folder")
    if bool(layout) != bool(folder):
        missing, given = ("folder", "layout") if layout else ("layout", "folder")
        found = f"missing beside `{given}`"
        fix = f"add it, or remove `{given}`"
        raise SynthemError("CONFIG_KEY", f"{where}.{missing}", found, expected="both or none", fix=fix)
    if not layout:
        return entry
    known = laid_out(layout, folder, where, structure)
    groups = {group: {**known.get(group, {}), **entry.get(group, {})} for group in ("masks", "labels")}
    blocks = {block: entry.get(block) or known.get(block) or {} for block in STACKS}
    return {**known, **entry, **groups, **blocks}


def _own(where, stack, structure):
    if not stack:
        return {}
    if "image" not in stack:
        fix = "name the image of this stack"
        raise SynthemError("CONFIG_KEY", f"{where}.image", "missing", expected="a stack", fix=fix)
    return _stack(where, stack, structure)


def _stack(where, stack, structure):
    labels = {name: _labels(files) for name, files in stack.get("labels", {}).items()}
    masks = {name: _mask(files) for name, files in stack.get("masks", {}).items()}
    if structure in labels and structure not in masks:
        masks[structure] = {**labels[structure], "foreground": "labels"}
    slices = numbers_of(f"{where}.labelled_slices", stack.get("labelled_slices", []))
    return {"image": stack["image"], "masks": masks, "labels": labels, "labelled_slices": slices}


def numbers_of(where, words):
    """[0, "2-4"] -> [0, 2, 3, 4]"""
    numbers = []
    for word in words:
        ends = re.fullmatch(r"(\d+)(?: ?- ?(\d+))?", str(word), re.ASCII)
        first, last = (int(end or ends[1]) for end in ends.groups()) if ends else (1, 0)
        if not first <= last < MOST_SLICES:
            raise _wrong_slices(where, f"`{word}`", "whole numbers from 0 on, or `first-last`, both included")
        numbers += range(first, last + 1)
    times = Counter(numbers)
    if len(times) < len(numbers):
        twice = next(z for z in numbers if times[z] > 1)
        raise _wrong_slices(where, f"slice {twice} more than once", "each slice once")
    if numbers != sorted(numbers):
        raise _wrong_slices(where, f"{numbers[:20]}", "rising numbers, the order of the slices in all files")
    return numbers


def _wrong_slices(where, found, expected):
    fix = "write for example [0-9, 50]: slices are numbered from 0"
    return SynthemError("CONFIG_VALUE", where, found, expected=expected, fix=fix)


def _mask(files):
    return {"foreground": "bright", "background": [], "ignore": [], **_named(files)}


def _labels(files):
    return {"background": [], "ignore": [], **_named(files)}


def _named(files):
    return {"files": files} if isinstance(files, str) else files


def folders_of(sources):
    """The folders in which sources lie, sorted, those inside others left out."""
    paths = [split_source(source)[0] for source in sources]
    folders = {path if os.path.isdir(path) else os.path.dirname(path) or "." for path in paths}
    folders = {os.path.normpath(folder) for folder in folders}
    return sorted(one for one in folders if not any(_holds(other, one) for other in folders))


def _holds(folder, inner):
    return folder != inner and os.path.commonpath(
        [os.path.abspath(folder), os.path.abspath(inner)]
    ) == os.path.abspath(folder)

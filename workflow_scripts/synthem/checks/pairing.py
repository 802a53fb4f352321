"""Do the slices of a folder of masks belong to those of the image, by the numbers in their names?"""

import os
import re

from synthem.errors import SynthemError


def compare_names(finding, image, stack):
    """An error where a slice has no partner; a warning where all numbers are moved by as much."""
    if not (image.names and stack.names) or len(image.names) != len(stack.names) or len(image.names) < 2:
        return
    wanted, given = keys_of(image.names), keys_of(stack.names)
    if wanted == given or not (_numbers(wanted + given) or image.shapes):
        return
    steps = {b - a for a, b in zip(wanted, given, strict=True)} if _numbers(wanted + given) else ()
    if len(steps) == 1:
        finding.warn(
            f"numbered {given[0]} to {given[-1]}, the image {wanted[0]} to {wanted[-1]}: paired in order"
        )
        return
    raise SynthemError(
        "DATA_SHAPE",
        finding.source,
        _unpaired(image.names, wanted, given) or _unpaired(stack.names, given, wanted) or "another order",
        expected="a slice for every slice of the image, by the names",
        fix="name both alike, or remove what has no partner",
    )


def keys_of(names):
    """What tells the names of a folder apart: a number where it is one, else the words."""
    stems = [name.rsplit(".", 1)[0] for name in names]
    start = re.sub(r"\d+$", "", os.path.commonprefix(stems))  # numbers are not cut
    stems = [stem[len(start) :] for stem in stems]
    end = re.sub(r"^\d+", "", os.path.commonprefix([stem[::-1] for stem in stems])[::-1])
    stems = [stem[: len(stem) - len(end)] for stem in stems]
    return [int(stem) if re.fullmatch(r"[0-9]+", stem) else stem for stem in stems]


def _numbers(keys):
    return all(isinstance(key, int) for key in keys)


def _unpaired(names, keys, others):
    lonely = [name for name, key in zip(names, keys, strict=True) if key not in set(others)]
    return f"{len(lonely)} of {len(names)} slices have no partner, the first is {lonely[0]}" if lonely else ""

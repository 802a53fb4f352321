"""What the files do not say: from the command line, else asked where somebody can answer."""

import re
import sys

from synthem.config.entries import numbers_of
from synthem.errors import SynthemError

WORDS = ("bright", "dark", "labels", "borders", "inside")  # of `foreground`
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def answered(option, text, parse, question):
    """The value of an option, or of the answer to a question; None where neither is given."""
    if text:
        return parse(option, text)
    while sys.stdin.isatty() and sys.stdout.isatty():
        try:
            answer = input(f"{question} ").strip()
        except EOFError:  # Ctrl-D
            answer = ""
        if not answer:
            return None
        try:
            return parse(option, answer)
        except SynthemError as problem:
            print(problem)
    return None


def voxel_size(option, text):
    """`40 4 4` -> [40, 4, 4]"""
    try:
        sizes = [float(part) for part in re.split(r"[\s,x]+", text.strip(" []"))]
    except ValueError:
        sizes = []
    if len(sizes) != 3 or not all(0.05 <= size <= 1e6 for size in sizes):
        raise _wrong(option, text, "three sizes from 0.05 to 1000000 nm: z, y, x", 'VOXEL="40 4 4"')
    return [int(size) if size == int(size) else size for size in sizes]


def foreground(option, text):
    """`bright` or another word; `1 2` -> [1, 2]"""
    if text in WORDS:
        return text
    parts = re.split(r"[\s,]+", text.strip(" []"))
    if not all(re.fullmatch(r"-?\d+", part) for part in parts):
        expected = f"{', '.join(WORDS)}, or the values of the structure"
        raise _wrong(option, text, expected, 'FOREGROUND="1 2"')
    return [int(part) for part in parts]


def yes_or_no(option, text):
    if text.lower() not in ("yes", "y", "no", "n"):
        raise _wrong(option, text, "yes or no", f"{option}=yes")
    return text.lower().startswith("y")


def slices(option, text):
    """`0-9 50` -> the numbers; `all` -> []"""
    return [] if text == "all" else numbers_of(option, re.split(r"[\s,]+", text.strip(" []")))


def name(option, text):
    if not NAME.fullmatch(text):
        expected = "letters, digits, `.`, `_` and `-`, the first a letter or a digit"
        raise _wrong(option, text, expected, f"{option}=mitochondria")
    return text


def _wrong(option, text, expected, example):
    return SynthemError(
        "CONFIG_VALUE", option, f"`{text}`", expected=expected, fix=f"write for example {example}"
    )

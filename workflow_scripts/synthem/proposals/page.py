"""The text of a config for one volume: a comment beside each line says what happens if it is changed."""

import json
import re

import yaml

WIDTH = 120  # characters of a line
PLAIN = re.compile(r"[\w./~][\w./~:@+ -]*")


def page(lines):
    """[(indent, key, value, comment)] -> YAML; a value of None opens a mapping, a key of "" is a comment.

    A comment stands beside its key where the line is not too long, else above it.
    """
    text = []
    for indent, key, value, comment in lines:
        space = "  " * indent
        line = f"{space}{key}:" + ("" if value is None else f" {flow(value)}") if key else ""
        beside = f"{line} # {comment}" if comment and key else line
        above = bool(comment) and (not key or len(beside) > WIDTH)
        text += [f"{space}# {comment}"] if above else []
        text += [line if above else beside] if key else []
    return "\n".join(text) + "\n"


def flow(value):
    """Plain data in one line of YAML; text is quoted only where YAML would read it as something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(part) for part in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and not _is_plain(value):
        return json.dumps(value, ensure_ascii=not _is_text(value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _is_text(value):
    """Whether UTF-8 can write it: a name of a file may be bytes of another code."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_plain(text):
    if not PLAIN.fullmatch(text):
        return False
    try:
        return yaml.safe_load(f"{{x: {text}}}") == {"x": text}
    except yaml.YAMLError:
        return False

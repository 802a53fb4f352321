"""What presets hold."""

from pathlib import Path

import yaml

PRESETS = Path(__file__).parents[2] / "presets"


def of_preset(name, section):
    """A section of a preset, such as `gans.generator`."""
    part = yaml.safe_load((PRESETS / f"{name}.yaml").read_text())
    for key in section.split("."):
        part = part[key]
    return part

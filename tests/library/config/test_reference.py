import re

import yaml

from synthem.config.reference import config_reference, errors_reference
from tests.shared.project import PROJECT

SCHEMA = yaml.safe_load((PROJECT / "rules/schemas/config.schema.yaml").read_text())


def keys_of(value, prefix=""):
    for key, part in value.items() if isinstance(value, dict) else ():
        yield prefix + key
        yield from keys_of(part, f"{prefix}{key}.")


def test_the_documentation_on_the_disk_is_up_to_date():
    """`make docs` where this fails."""
    assert (PROJECT / "docs" / "config.md").read_text() == config_reference(SCHEMA)
    assert (PROJECT / "docs" / "errors.md").read_text() == errors_reference()


def test_every_key_of_the_demo_is_described():
    described = set(re.findall(r"^\| `(.*?)` \|", config_reference(SCHEMA), re.MULTILINE))
    demo = yaml.safe_load((PROJECT / "config.yaml").read_text())
    named = "|".join(
        ["larva", "hippocampus", "mitochondria", "membrane", "neurites", "real", "mixed", "synthetic"]
    )
    for key in keys_of(demo):
        section, *rest = key.split(".")
        if section in ("volumes", "phantoms", "arms"):
            rest = [re.sub(f"^({named})$", "<name>", part) for part in rest]
        assert ".".join([section, *rest]) in described


def test_a_row_says_meaning_and_range_in_words():
    text = config_reference(SCHEMA)
    assert (
        "| `split.test` | Fraction of the labelled slices that are scored. | a number above 0, below 1 |\n"
        in text
    )
    size = "Size of a voxel in nanometres (not micrometres): z, y, x. Without it the file must say."
    assert f"| `volumes.<name>.voxel_size_nm` | {size} | a list of 3 numbers" in text
    assert "| `unets.training.steps` | Optimiser steps. | a whole number from 1 to 10000000 |\n" in text


def test_every_value_has_a_meaning():
    """Sections and named entries explain themselves; a single value does not."""
    rows = re.findall(r"^\| `(.*?)` \| (.*?) \| (.*?) \|$", config_reference(SCHEMA), re.MULTILINE)
    assert len(rows) > 60
    silent = [key for key, meaning, kind in rows if not meaning and kind != "keys with values"]
    assert all(key.endswith("<name>") for key in silent)

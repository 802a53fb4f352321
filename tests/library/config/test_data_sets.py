"""Every kind of data set is known wherever one is: docs/contributing.md, "A data set"."""

import re

import pytest

from synthem.comparison.arms import KINDS
from synthem.config.data_sets import DATA_SETS, OF_SLICES, read_by
from synthem.config.kinds import value_at
from synthem.config.study import VARIED
from synthem.metrics.definitions import CONTROLS
from tests.shared.demo_config import DEMO, SCHEMA
from tests.shared.project import PROJECT

ENTRY = SCHEMA["properties"]["data_sets"]["additionalProperties"]["properties"]
RULES = "".join(path.read_text() for path in sorted((PROJECT / "rules").glob("*.smk")))


def test_the_schema_the_list_and_the_words_have_the_same_kinds():
    assert set(ENTRY["kind"]["enum"]) == set(DATA_SETS) == set(KINDS)
    assert set(CONTROLS) < set(DATA_SETS)


@pytest.mark.parametrize("name", DATA_SETS)
def test_a_kind_names_keys_settings_and_rules_that_there_are(name):
    kind = DATA_SETS[name]
    assert set(kind.keys) < set(ENTRY)
    assert all(f"`{name}`" in ENTRY[key]["description"] for key in kind.keys), "the words of its keys"
    for key in kind.settings:
        value_at(DEMO, key)
    assert "variant" not in kind.keys or kind.settings, "what of a variant it is made by"
    for rule in kind.rules:
        assert re.search(f"^(rule|checkpoint) {rule}:", RULES, re.MULTILINE)
        assert (PROJECT / f"workflow_scripts/{rule}.py").is_file()


@pytest.mark.parametrize("name", [name for name in DATA_SETS if name not in ("gan", "volume")])
def test_the_rule_of_a_kind_makes_data_sets_of_it_alone(name):
    """`gan` has rules of several steps, `volume` none: it is there already."""
    (rule,) = DATA_SETS[name].rules
    text = re.split(r"^rule ", RULES.partition(f"rule {rule}:")[2], maxsplit=1, flags=re.MULTILINE)[0]
    assert f'data_set=any_of(STUDY.of_kind("{name}"))' in text


def test_what_is_made_of_labelled_slices_is_shown_beside_them():
    assert OF_SLICES == ["copy_paste", "bent", "copies"]


@pytest.mark.parametrize("name", [name for name, kind in DATA_SETS.items() if "variant" in kind.keys])
def test_a_variant_of_a_data_set_may_change_the_sections_that_make_it(name):
    own = {"gans", "mask_generator", "synthesis", "membranes", "inference", "labels"}
    own = own if name == "gan" else {"synthesis", "labels"}
    assert set(read_by(name)) == own <= set(VARIED)

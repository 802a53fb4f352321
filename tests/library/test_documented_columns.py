"""Every column of every table is named in docs/output.md: people open tables in pandas."""

import ast
import re
from importlib import import_module

import pytest

from synthem.comparison.statistics import COMPONENT_COLUMNS
from synthem.comparison.summaries import DIFFERENCE_COLUMNS, OF_PARTITION, SPREAD
from synthem.comparison.tables import TABLE_COLUMNS
from synthem.metrics import objects, stack_table
from tests.shared.project import LIBRARY, PROJECT

SUMMARY = (*OF_PARTITION, "metric", "n_replicates", *SPREAD, "note", "reason")
# Of scripts that name no list of columns where they write. `collect_...` put tables of others together.
OTHERS = {
    "compare_arms": (*SUMMARY, *DIFFERENCE_COLUMNS, *TABLE_COLUMNS, *COMPONENT_COLUMNS),
    "compare_targets": (*TABLE_COLUMNS, *COMPONENT_COLUMNS),
    "count_parameters": ("data_set", "score", "n", "value"),
    "list_stacks": (*stack_table.FIRST, *stack_table.COLUMNS[True], *stack_table.LAST),
    "measure_objects": ("label", "voxels", "volume_um3", "area_um2", "diameter_nm", *objects.PLACE)
    + ("cut", "confidence"),
}


def tables_of(script):
    """[the list of columns, as "module.NAME", or None] of each table that a script writes."""
    nodes = list(ast.walk(ast.parse(script.read_text())))
    modules = {
        one.name: node.module for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names
    }
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    columns = [call.args[-1] for call in calls if call.func.id in ("write_table", "write_frame")]
    names = [one.id if isinstance(one, ast.Name) and one.id.isupper() else None for one in columns]
    return [name and f"{modules[name]}.{name}" for name in names]


WRITTEN = {one.stem: tables_of(one) for one in sorted(LIBRARY.glob("*.py"))}
LISTS = sorted({name for names in WRITTEN.values() for name in names if name})


def assert_named(columns):
    named = set(re.findall(r"`(\w+)`", (PROJECT / "docs/output.md").read_text()))
    assert [column for column in columns if column not in named] == []


@pytest.mark.parametrize("name", LISTS)
def test_every_column_of_a_list_is_named_in_the_page_of_files(name):
    module, _, columns = name.rpartition(".")
    assert_named(getattr(import_module(module), columns))


@pytest.mark.parametrize("script", OTHERS)
def test_every_other_column_is_named_in_the_page_of_files(script):
    assert_named(OTHERS[script])


def test_no_script_writes_a_table_that_is_left_out_here():
    unnamed = {script for script, names in WRITTEN.items() if None in names}
    assert len(LISTS) > 15 and {one for one in unnamed if not one.startswith("collect_")} == set(OTHERS)

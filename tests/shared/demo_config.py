"""The demo's config, its schema, and what is wrong with a changed one."""

import json
from copy import deepcopy

import pytest
import yaml

from synthem.config.checking import check_config
from synthem.errors import SynthemErrors
from tests.shared.project import PROJECT
from tests.shared.settings import edited as changed

SCHEMA = yaml.safe_load((PROJECT / "rules/schemas/config.schema.yaml").read_text())
DEMO = json.loads(json.dumps(yaml.safe_load((PROJECT / "config.yaml").read_text())))  # aliases are copies


def edited(**changes):
    """The demo's config with `a__b=value` set, or deleted."""
    return changed(DEMO, **changes)


def add_segmenter(monkeypatch, options):
    """Let the schema of these tests know the kind `theirs`; {its section `network`} by {option: number}."""
    schema = deepcopy(SCHEMA)
    kinds = schema["$defs"]["segmenter"]["properties"]
    kinds["kind"]["enum"].append("theirs")
    known = {key: {"type": "integer", "description": "A number."} for key in options}
    kinds["theirs"] = {"type": "object", "additionalProperties": False, "properties": known}
    monkeypatch.setattr("tests.shared.demo_config.SCHEMA", schema)
    return DEMO["unets"]["network"] | {"kind": "theirs", "theirs": options}


def checked(config):
    """The config in canonical form."""
    return check_config(config, SCHEMA)[0]


def study_in(config):
    return check_config(config, SCHEMA)[1]


def problems(config):
    with pytest.raises(SynthemErrors) as caught:
        check_config(config, SCHEMA)
    return [str(problem) for problem in caught.value.problems]


def only_problem(**changes):
    (problem,) = problems(edited(**changes))
    return problem

"""What a run knows beforehand of its steps, from the plan of its config."""

import json

import pytest

from synthem.plans.forecast import digest_of, forecast, steps_of

CONFIG = {"unets": {"training": {"steps": 600}}, "targets": ["mine"]}


def test_trainings_of_one_rule_are_told_together_by_their_mean():
    """Ten of 60 s and twenty of 90 s: thirty of 80 s. One that nobody timed hides its rule."""
    rows = [
        {"rule": "train_unet", "count": 10, "seconds": 60.0},
        {"rule": "train_gan", "count": 5, "seconds": 300.0},
        {"rule": "train_gan", "count": 5, "seconds": None},
        {"rule": "train_unet", "count": 20, "seconds": 90.0},
    ]
    steps = steps_of(rows, {"make_masks": 4}, {"make_masks": 2.5})
    assert steps == {"make_masks": (4, 2.5), "train_unet": (30, 80.0)}


def test_a_plan_tells_of_the_config_that_it_was_made_for(tmp_path):
    path = tmp_path / "plan.json"
    assert forecast(path, CONFIG) == {}
    path.write_text(json.dumps({"config": digest_of(CONFIG), "steps": {"train_unet": [30, 80.0]}}))
    assert forecast(path, dict(reversed(CONFIG.items()))) == {"train_unet": (30, 80.0)}
    assert forecast(path, CONFIG | {"targets": ["other"]}) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"config": "DIGEST"}', '{"config": "DIGEST", "steps": {"a": 1}}']
)
def test_a_damaged_plan_tells_nothing(tmp_path, text):
    (tmp_path / "plan.json").write_text(text.replace("DIGEST", digest_of(CONFIG)))
    assert forecast(tmp_path / "plan.json", CONFIG) == {}

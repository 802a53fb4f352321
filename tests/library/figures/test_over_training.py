"""Scores of networks over their training, as curves."""

import pytest

from synthem.figures import over_training
from synthem.figures.over_training import over_training_curves


def row(**changed):
    about = {"volume": "v", "arm": "flat", "budget": "all", "replicate": 1, "seed": 1, "block": "test"}
    return about | {"convention": None, "step": 10, "score": "iou", "n": 3, "value": 0.5} | changed


def drawn(monkeypatch, rows):
    """{(line, block, score, convention): values} of what is handed to be drawn."""
    seen = {}

    def keep(rows, *, by, words, block_words):
        for one in rows:
            if one["score"] in words:
                key = (one[by], block_words[one["block"]], *one["score"])
                seen.setdefault(key, []).append(one["value"])

    monkeypatch.setattr(over_training, "score_curves", keep)
    over_training_curves(rows)
    return seen


def test_each_convention_has_a_panel_of_its_own(monkeypatch):
    rows = [
        row(score="voi", convention=name, value=value) for name, value in (("paper", 0.2), ("cremi", 0.3))
    ]
    rows += [row(value=0.8, block="train"), row(score="precision"), row(score="voi", convention="full")]
    assert drawn(monkeypatch, rows) == {
        ("flat", "test block", "voi", "paper"): [0.2],
        ("flat", "test block", "voi", "cremi"): [0.3],
        ("flat", "slices that were learnt from", "iou", None): [0.8],
    }


def test_several_budgets_are_named(monkeypatch):
    seen = drawn(monkeypatch, [row(), row(budget="4", value=0.3)])
    assert {line: values for (line, *_), values in seen.items()} == {
        "flat, all slices": [0.5],
        "flat, 4 slices": [0.3],
    }
    assert "flat, 1 slice" in {line for line, *_ in drawn(monkeypatch, [row(), row(budget="1")])}


@pytest.mark.parametrize("values", [(0.2, 0.5), (None, None)])
def test_it_is_a_picture_also_of_undefined_scores(values):
    rows = [row(step=step, value=value) for step, value in zip((5, 10), values, strict=True)]
    assert over_training_curves(rows).startswith(b"\x89PNG")

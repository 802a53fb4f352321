import math

import pytest
import torch

from synthem.gans.findings import LIMITS, findings_of, findings_text
from synthem.gans.guards import condition_guard, findings_of_gan
from synthem.training.loop import train
from tests.shared.gan_slices import halves

PACE = {"every": 2, "first": 4, "in_a_row": 2, "on_failure": "record"}


class Painter(torch.nn.Module):
    """Paints strength x mask."""

    def __init__(self, strength):
        super().__init__()
        self.strength = torch.nn.Parameter(torch.tensor(strength))

    def forward(self, conditions):
        return self.strength * conditions[:, :1]


def history(values, score="contrast"):
    """A row for each step; what was measured after every second one."""
    return [{"loss": 1.0} | ({score: value} if n % 2 else {}) for n, value in enumerate(values)]


def test_a_finding_is_each_check_that_is_the_last_of_so_many_failures():
    values = [0, 1, 0, 0.01, 0, 0.01, 0, 0.001, 0, 1, 0, 0.01]  # after steps 2, 4, 6, 8, 10, 12
    found = findings_of(history(values), **PACE)
    assert [(one["step"], one["value"], one["limit"]) for one in found] == [(6, 0.01, 0.02), (8, 0.001, 0.02)]
    assert findings_of(history(values), **PACE | {"on_failure": "stop"}) == []
    assert findings_of(history(values), **PACE | {"every": 0}) == []


def test_too_much_and_too_little_are_both_findings_and_not_a_number_is_none():
    assert findings_of(history([0.95] * 8, "saturation"), **PACE)[0]["limit"] == 0.9
    assert findings_of(history([float("nan")] * 8), **PACE) == []


def test_words_say_from_when_on_and_how_bad():
    found = findings_of(history([0.01] * 8), **PACE)
    assert findings_text(found) == "images are blank (step 4 to 8; contrast 0.01, expected at least 0.02)"
    assert findings_text([]) == ""


class Training:
    """One step: half of what the painter has of its masks goes."""

    def __init__(self):
        self.painter = Painter(0.5)
        self.parts = {"painter": self.painter}

    def step(self, number):
        self.painter.strength.data /= 2
        return {"loss": torch.tensor(1.0), "d_real": torch.tensor(1.0), "d_fake": torch.tensor(1.0)}


def test_a_collapse_that_is_recorded_ends_no_training_and_a_stop_loses_no_finding(tmp_path):
    def trained(folder, *steps):
        for number in steps:  # each as a run of its own that goes on from the one before
            task = Training()
            guard = condition_guard(task.painter, halves(), PACE)
            options = {"checkpoint_every": 1, "folder": tmp_path / folder, "fingerprint": "a"}
            rows = train(task, steps=number, guards=[guard], **options)
        return findings_of(rows, **PACE)

    whole = trained("whole", 12)
    assert [one["step"] for one in whole] == [
        8,
        10,
        12,
    ]  # 0.5 / 2^6 is below 0.02 after step 6 for the first time
    assert trained("in pieces", 7, 9, 12) == whole


def test_the_finished_generator_is_judged_too():
    masks = [mask.numpy() for mask in halves().permute(1, 0, 2, 3).to(torch.uint8)]
    found = findings_of_gan(Painter(0.0), masks, history([1] * 8), PACE)
    assert [(one["score"], one["step"], one["value"]) for one in found] == [("condition_effect", 8, 0)]
    assert findings_of_gan(Painter(0.5), masks, history([1] * 8), PACE) == []


@pytest.mark.parametrize("score", LIMITS)
def test_each_score_has_words(score):
    least, most = LIMITS[score]
    beyond = history([least / 2 if most == math.inf else 2 * most] * 8, score)
    assert score.replace("_", " ") in findings_text(findings_of(beyond, **PACE))

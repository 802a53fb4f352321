import sys
import types
from contextlib import closing

import pytest

from synthem.training.tensorboard import Curves

ROWS = [{"loss": 2.0}, {"loss": 1.0, "validation_loss": 3.0}]


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr("synthem.training.tensorboard.say", lines.append)
    return lines


class Writer:
    """Stands for TensorBoard's, which is not installed for tests."""

    made = []

    def __init__(self, folder, purge_step):
        self.folder, self.purge_step, self.points, self.closed = folder, purge_step, [], False
        Writer.made.append(self)

    def add_scalar(self, name, value, step):
        self.points.append((name, value, step))

    def close(self):
        self.closed = True


@pytest.fixture
def tensorboard(monkeypatch):
    Writer.made = []
    module = types.ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)


def test_every_number_is_drawn_at_its_step(tmp_path, tensorboard):
    with closing(Curves(str(tmp_path), wanted=True)) as curves:  # as jobs name their folder
        curves.add(ROWS, 6)
    (writer,) = Writer.made
    assert writer.points == [("loss", 2.0, 5), ("loss", 1.0, 6), ("validation_loss", 3.0, 6)]
    assert writer.folder == str(tmp_path / "tensorboard") and writer.closed


def test_steps_that_are_taken_again_after_a_kill_replace_the_old_ones(tmp_path, tensorboard):
    with closing(Curves(tmp_path, wanted=True)) as curves:
        curves.add(ROWS, 6)
        curves.add(ROWS, 8)
    assert [writer.purge_step for writer in Writer.made] == [5]


def test_nothing_is_drawn_unasked(tmp_path, tensorboard, said):
    with closing(Curves(tmp_path, wanted=False)) as curves:
        curves.add(ROWS, 2)
    assert Writer.made == [] and said == []


def test_a_missing_package_is_said_once_and_no_error(tmp_path, monkeypatch, said):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with closing(Curves(tmp_path, wanted=True)) as curves:
        curves.add(ROWS, 2)
        curves.add(ROWS, 4)
    assert len(said) == 1 and "tensorboard is not installed" in said[0]

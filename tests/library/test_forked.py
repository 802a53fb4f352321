"""Processes that tests fork begin with what takes seconds to load."""

import sys

import pytest

from tests.shared.forked import LOADED, ended, start


def note(path):
    path.write_text(" ".join(name for name in [*LOADED, "torch"] if name in sys.modules))


def test_a_forked_process_has_torch_and_the_trainings_before_it_begins(tmp_path):
    pytest.importorskip("torch")
    assert ended(start(note, tmp_path / "found")) == 0
    assert (tmp_path / "found").read_text().split() == [*LOADED, "torch"]

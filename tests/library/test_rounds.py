import importlib.metadata
import json
import os
import platform
import re
import sys

import pytest

from tests.shared.project import PROJECT

sys.path.insert(0, str(PROJECT / "benchmarks"))

import rounds  # noqa: E402


class Clock:
    """A clock that only moves when told to."""

    def __init__(self):
        self.now = 1000.0

    def takes(self, *seconds):
        """An action whose calls take these times, one after the other."""
        times = iter(seconds)

        def action():
            self.now += next(times)

        return action


def test_the_median_leaves_out_the_first_call_and_one_slow_round(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(rounds.time, "perf_counter", lambda: clock.now)
    actions = {"ours": clock.takes(99, 1, 3, 2), "peer": clock.takes(99, 8, 500, 10)}
    assert rounds.median_seconds(actions, rounds=3) == {"ours": 2, "peer": 10}


def test_peers_take_turns_and_the_first_changes():
    calls = []
    actions = {name: (lambda name=name: calls.append(name)) for name in "abc"}
    rounds.median_seconds(actions, rounds=4)
    assert "".join(calls) == "abc" + "abc" + "bca" + "cab" + "abc"


def test_a_ratio_above_1_says_that_the_peer_is_slower():
    assert rounds.ratios({"zarr": 5.0, "ours": 2.0, "memory": 0.5}, "ours") == {"zarr": 2.5, "memory": 0.25}


def test_a_ratio_has_three_figures():
    assert rounds.ratios({"ours": 3.0, "far": 4000.0, "near": 4.0}, "ours") == {"far": 1330, "near": 1.33}


def test_the_result_is_one_line_of_json_with_the_machine_and_the_day(capsys):
    rounds.print_result("patches", ratios={"zarr": 12.5}, equal={"different": 0}, libraries=["numpy"])
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    result = json.loads(line)
    assert list(result) == ["topic", "ratios", "equal", "machine", "date"]
    assert result["topic"] == "patches"
    assert (result["ratios"], result["equal"]) == ({"zarr": 12.5}, {"different": 0})
    assert result["machine"]["cores"] == len(os.sched_getaffinity(0))
    assert result["machine"]["python"] == platform.python_version()
    assert result["machine"]["libraries"] == {"numpy": importlib.metadata.version("numpy")}
    assert result["machine"]["cpu"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", result["date"])


def test_a_figure_that_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        rounds.print_result("patches", ratios={"zarr": float("nan")}, equal={}, libraries=[])

"""Time left, with a clock that the test turns."""

import pytest

from synthem.runs.remaining import Remaining

HEAVY = {"train", "predict"}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def earlier(folder, rule, seconds):
    path = folder / rule / "hippocampus.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(f"s\tmax_rss\n{seconds}\t100\n")


def test_steps_take_what_they_took_in_this_run(tmp_path, clock):
    run = Remaining(tmp_path, clock)
    earlier(tmp_path, "train", 1000)
    for step, seconds in ((1, 10), (2, 20)):
        run.start(step, "train")
        clock.now += seconds
        run.finish(step)
    assert run.seconds({3: "train", 4: "train"}, {}, HEAVY) == (30, True)


def test_steps_that_nobody_has_timed_take_what_the_plan_says(tmp_path, clock):
    earlier(tmp_path, "predict", 7)
    run = Remaining(tmp_path, clock, lambda: {"train": (3, 50.0), "predict": (3, 90.0)})
    steps = {1: "train", 2: "train", 3: "predict"}
    assert run.seconds(steps, {}, HEAVY) == (107, True)
    run.start(1, "train")
    clock.now += 20
    run.finish(1)
    assert run.seconds({2: "train", 3: "predict"}, {}, HEAVY) == (27, True)


def test_before_they_take_what_they_took_in_earlier_runs(tmp_path, clock):
    earlier(tmp_path, "train", 40)
    assert Remaining(tmp_path, clock).seconds({1: "train", 2: "train"}, {}, HEAVY) == (80, True)


def test_what_was_never_timed_makes_it_a_lower_bound_and_alone_unknown(tmp_path, clock):
    earlier(tmp_path, "train", 40)
    run = Remaining(tmp_path, clock)
    assert run.seconds({1: "train", 2: "predict"}, {}, HEAVY) == (40, False)
    assert run.seconds({2: "predict"}, {}, HEAVY) == (None, False)
    assert run.seconds({}, {}, HEAVY) == (0, True)


def test_a_running_step_has_less_to_go_and_says_itself_how_much(tmp_path, clock):
    earlier(tmp_path, "train", 40)
    run = Remaining(tmp_path, clock)
    run.start(1, "train")
    clock.now = 30
    assert run.seconds({1: "train"}, {}, HEAVY) == (10, True)
    assert run.seconds({1: "train"}, {1: 90}, HEAVY) == (90, True)
    clock.now = 50
    assert run.seconds({1: "train"}, {}, HEAVY) == (0, True)


def test_steps_go_on_as_many_at_once_as_before_but_none_is_shorter_than_it_is(tmp_path, clock):
    run = Remaining(tmp_path, clock)
    for step in range(4):
        run.start(step, "train")
    clock.now = 10
    for step in range(4):
        run.finish(step)
    assert run.seconds(dict.fromkeys(range(4, 12), "train"), {}, HEAVY) == (20, True)
    assert run.seconds({4: "train"}, {}, HEAVY) == (10, True)


def test_a_step_that_failed_says_nothing_of_others(tmp_path, clock):
    run = Remaining(tmp_path, clock)
    run.start(1, "train")
    clock.now = 1
    run.drop(1)
    assert run.seconds({1: "train"}, {}, HEAVY) == (None, False)


def test_a_step_takes_the_time_in_which_it_runs_not_that_in_a_queue(tmp_path, clock):
    log = tmp_path / "train.log"
    earlier(tmp_path, "train", 40)
    run = Remaining(tmp_path, clock)
    for step in (1, 2):
        run.start(step, "train", queued_for=log)
    clock.now = 1000
    assert run.begun() == [] and run.seconds({1: "train", 2: "train"}, {}, HEAVY) == (80, True)
    log.write_text("begun")
    assert run.begun() == [1, 2]
    clock.now = 1010
    assert run.seconds({1: "train", 2: "train"}, {}, HEAVY) == (60, True)
    run.finish(1)
    assert run.took == {"train": [10]}


def test_a_benchmark_file_knows_best_how_long_a_step_took(tmp_path, clock):
    run = Remaining(tmp_path / "earlier", clock)
    run.start(1, "train", tmp_path / "train/hippocampus.tsv", queued_for=tmp_path / "no.log")
    earlier(tmp_path, "train", 25)
    clock.now = 300
    run.finish(1)
    assert run.seconds({2: "train"}, {}, HEAVY) == (25, True)


def test_the_first_training_that_tells_what_it_has_to_go_stands_for_all_of_its_kind(tmp_path, clock):
    run = Remaining(tmp_path, clock)
    run.start(1, "train")
    clock.now = 10
    assert run.seconds({1: "train", 2: "train", 3: "train"}, {1: 50}, HEAVY) == (170, True)  # 50, 60, 60


def test_short_steps_that_were_never_timed_take_as_long_as_others_of_that_sort(tmp_path, clock):
    run = Remaining(tmp_path, clock)
    for step, (rule, seconds) in enumerate({"train": 100, "draw": 2, "score": 4}.items()):
        run.start(step, rule)
        clock.now += seconds
        run.finish(step)
    assert run.seconds({8: "train", 9: "export"}, {}, HEAVY) == (103, True)
    assert run.seconds({8: "train", 9: "predict"}, {}, HEAVY) == (100, False)
    assert run.spent() == 106

"""The loop of training. One number is all it needs here; test_checkpoints.py kills real networks."""

import io
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from synthem.compute.devices import DETERMINISTIC, compute_as
from synthem.errors import SynthemError
from synthem.log import logged_to
from synthem.storage.sessions import session_seconds
from synthem.training.checkpoints import Checkpoints
from synthem.training.loop import seed_everything, train
from synthem.training.schedules import build_schedule
from synthem.training.tensorboard import Curves
from synthem.training.validation import Validation


class Drunkard:
    """One number that takes random steps: every step depends on all chance before it."""

    def __init__(self, breaks_at=None):
        self.walker = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(self.walker.weight)
        torch.manual_seed(0)
        self.parts, self.breaks_at, self.steps_taken = {"walker": self.walker}, breaks_at, []

    @property
    def place(self):
        return self.walker.weight.item()

    def step(self, number):
        self.steps_taken.append(number)
        with torch.no_grad():
            self.walker.weight += torch.randn(1, 1)
        broken = number == self.breaks_at
        return {"loss": torch.tensor(float("nan") if broken else float(number))}


def walk(folder, steps=10, *, task=None, every=4, fingerprint="a", **others):
    task = task or Drunkard()
    history = train(
        task, steps=steps, checkpoint_every=every, folder=folder, fingerprint=fingerprint, **others
    )
    return task, history


def states(folder):
    return sorted(path.name for path in folder.glob("*.pt"))


@pytest.fixture
def said(monkeypatch):
    lines = []
    for module in ("synthem.training.loop.say", "synthem.training.checkpoints.say"):
        monkeypatch.setattr(module, lines.append)
    return lines


def test_every_step_is_in_the_history_and_only_the_last_state_stays(tmp_path):
    _, history = walk(tmp_path)
    assert history == [{"loss": float(number)} for number in range(10)]
    assert states(tmp_path) == ["step-00000010.pt"]


def test_a_finished_training_takes_no_further_step(tmp_path):
    first, history = walk(tmp_path)
    again, repeated = walk(tmp_path)
    assert again.steps_taken == [] and again.place == first.place and repeated == history


def test_sessions_of_a_training_are_timed_beside_its_states(tmp_path):
    interrupted(tmp_path, at=6)
    assert len(session_seconds(tmp_path)) == 1
    walk(tmp_path)
    walk(tmp_path)  # has nothing left to learn
    assert len(session_seconds(tmp_path)) == 2


def interrupted(folder, at):
    class Killed(BaseException):
        pass

    class Mortal(Drunkard):
        def step(self, number):
            if number == at:
                raise Killed
            return super().step(number)

    with pytest.raises(Killed):
        walk(folder, task=Mortal())


def test_an_interrupted_training_ends_where_an_undisturbed_one_does(tmp_path):
    undisturbed, history = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    resumed, whole = walk(tmp_path / "two")
    assert resumed.steps_taken == [8, 9]
    assert resumed.place == undisturbed.place and whole == history


def test_two_states_are_kept_while_training_runs(tmp_path):
    interrupted(tmp_path, at=9)
    assert states(tmp_path) == ["step-00000004.pt", "step-00000008.pt"]


def flip_a_bit(data):
    """One bit of the saved weight is another."""
    weight = torch.load(io.BytesIO(data), weights_only=True)["parts"]["walker"]["weight"]
    place = data.index(weight.numpy().tobytes())
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("harm", [lambda data: data[:100], lambda data: b"", flip_a_bit])
def test_a_corrupt_state_gives_way_to_the_one_before(tmp_path, said, harm):
    undisturbed, _ = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    newest = tmp_path / "two" / "step-00000008.pt"
    newest.write_bytes(harm(newest.read_bytes()))
    resumed, _ = walk(tmp_path / "two")
    assert resumed.steps_taken[0] == 4 and resumed.place == undisturbed.place
    assert any("WARNING" in line and newest.name in line for line in said)


def test_another_fingerprint_starts_anew_and_keeps_the_old_work_aside(tmp_path, said):
    walk(tmp_path)
    task, _ = walk(tmp_path, fingerprint="b")
    assert task.steps_taken[0] == 0
    assert states(tmp_path / "moved-aside-1") == ["step-00000010.pt"]
    assert any("fingerprint a, now b" in line for line in said)


def test_a_run_that_comes_back_goes_on_where_it_was(tmp_path, said):
    undisturbed, history = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    walk(tmp_path / "two", fingerprint="b")
    resumed, whole = walk(tmp_path / "two")
    assert resumed.steps_taken == [8, 9]
    assert resumed.place == undisturbed.place and whole == history
    assert any("moved-aside-1" in line and "come back" in line for line in said)
    assert [path.name for path in (tmp_path / "two").glob("moved-aside-*")] == ["moved-aside-2"]  # b's


def test_the_states_of_the_last_three_other_runs_wait(tmp_path):
    for fingerprint in "abcde":
        walk(tmp_path, fingerprint=fingerprint)
    asides = sorted(path.name for path in tmp_path.glob("moved-aside-*"))
    assert asides == ["moved-aside-2", "moved-aside-3", "moved-aside-4"]
    for fingerprint in "bcde":  # each comes back before the oldest goes
        assert walk(tmp_path, fingerprint=fingerprint)[0].steps_taken == []
    assert walk(tmp_path, fingerprint="a")[0].steps_taken[0] == 0


def test_a_damaged_state_that_comes_back_gives_way_to_the_one_before(tmp_path):
    undisturbed, _ = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    walk(tmp_path / "two", fingerprint="b")
    (tmp_path / "two" / "moved-aside-1" / "step-00000008.pt").write_bytes(b"")
    resumed, _ = walk(tmp_path / "two")
    assert resumed.steps_taken[0] == 4 and resumed.place == undisturbed.place


@pytest.mark.parametrize("renames", range(5))
@pytest.mark.parametrize("comes_next", ["a", "b", "c"])
def test_a_kill_between_two_renames_loses_no_state(tmp_path, monkeypatch, renames, comes_next):
    """b makes room for a: one state moves aside, two come back, and then nothing is renamed any more."""
    undisturbed, _ = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    walk(tmp_path / "two", fingerprint="b")
    whole, done = Path.rename, []

    def rename(path, target):
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(target)
        return whole(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        with suppress(KeyboardInterrupt):
            walk(tmp_path / "two")
    assert len(done) == min(renames, 3)
    if comes_next == "c":
        assert walk(tmp_path / "two", fingerprint="c")[0].steps_taken[0] == 0
    if comes_next in "bc":
        assert walk(tmp_path / "two", fingerprint="b")[0].steps_taken == []
    resumed, _ = walk(tmp_path / "two")
    assert resumed.steps_taken in ([8, 9], []) and resumed.place == undisturbed.place


class Student(Drunkard):
    """Is examined; `marks` {step: validation loss}."""

    def __init__(self, marks):
        super().__init__()
        self.marks = marks

    def validate(self):
        self.examined_at = self.place
        return {"validation_loss": self.marks[len(self.steps_taken)]}


def examined(student, *, every=4, stop_after=0, keep="last"):
    schedule = build_schedule({"kind": "constant"}, steps=10)
    return Validation(student.walker, schedule, every=every, stop_after=stop_after, keep=keep)


def test_validation_has_a_rhythm_of_its_own_and_comes_after_the_last_step(tmp_path):
    student = Student({4: 3.0, 8: 1.0, 10: 2.0})
    _, history = walk(tmp_path, task=student, every=3, validation=examined(student))
    assert [row.get("validation_loss") for row in history] == [None] * 3 + [3] + [None] * 3 + [1, None, 2]


def test_a_training_that_gets_no_better_ends_early_and_stays_ended(tmp_path):
    marks = dict.fromkeys(range(1, 11), 1.0)
    student = Student(marks)
    _, history = walk(tmp_path, task=student, validation=examined(student, every=2, stop_after=2))
    assert len(history) == 6 and states(tmp_path) == ["step-00000006.pt"]
    again = Student(marks)
    _, repeated = walk(tmp_path, task=again, validation=examined(again, every=2, stop_after=2))
    assert again.steps_taken == [] and repeated == history


def test_the_best_weights_are_in_the_state_and_survive_a_kill(tmp_path):
    class Killed(BaseException):
        pass

    class Mortal(Student):
        def step(self, number):
            if number == 9:
                raise Killed
            return super().step(number)

    mortal = Mortal({4: 1.0, 8: 2.0})
    with pytest.raises(Killed):
        walk(tmp_path, task=mortal, validation=examined(mortal))
    after_4 = Drunkard()
    walk(tmp_path / "other", steps=4, task=after_4)
    student = Student({2: 3.0})  # steps since the kill
    validation = examined(student, keep="best")
    walk(tmp_path, task=student, validation=validation)
    assert student.steps_taken == [8, 9]
    assert validation.chosen().weight.item() == after_4.place


def test_a_validation_loss_that_is_no_number_ends_nothing(tmp_path):
    student = Student({4: float("nan"), 8: float("nan"), 10: float("nan")})
    _, history = walk(tmp_path, task=student, validation=examined(student, stop_after=1))
    assert len(history) == 10


@pytest.mark.parametrize("every", [1, 3, 7, 100])
def test_how_often_a_state_is_saved_changes_nothing(tmp_path, every):
    first, history = walk(tmp_path / "one", every=4)
    other, repeated = walk(tmp_path / "two", every=every)
    assert other.place == first.place and repeated == history


def test_a_training_goes_on_with_another_rhythm_of_saving(tmp_path):
    undisturbed, history = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    resumed, whole = walk(tmp_path / "two", every=5)
    assert resumed.steps_taken == [8, 9]
    assert resumed.place == undisturbed.place and whole == history


def test_2_steps_and_2_more_are_4(tmp_path):
    whole, history = walk(tmp_path / "one", steps=4)
    walk(tmp_path / "two", steps=2)
    resumed, together = walk(tmp_path / "two", steps=4)
    assert resumed.steps_taken == [2, 3]
    assert resumed.place == whole.place and together == history


def test_a_second_trainer_is_told_who_trains(tmp_path):
    with Checkpoints(tmp_path, "a").locked(), pytest.raises(SynthemError) as refused:
        walk(tmp_path)
    assert refused.value.code == "TRAINING_LOCKED"
    assert f"process {os.getpid()} on {socket.gethostname()}" in str(refused.value)


def test_of_a_trainer_on_a_cluster_the_job_is_told(tmp_path, monkeypatch):
    """Its node may be out of reach; `scancel 12` is not."""
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    with (
        Checkpoints(tmp_path, "a").locked(),
        pytest.raises(SynthemError, match=r" \(SLURM job 12\) trains here"),
    ):
        walk(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SynthemError, match="ERROR FILE_WRITE .*file/checkpoints"):
        walk(tmp_path / "file" / "checkpoints")


def test_a_loss_that_is_no_number_stops_the_training(tmp_path):
    with pytest.raises(SynthemError) as broken:
        walk(tmp_path, task=Drunkard(breaks_at=8))
    assert broken.value.code == "TRAINING_DIVERGED"
    assert "loss is nan at step 9" in str(broken.value) and "step-00000008.pt" in str(broken.value)


def test_broken_weights_never_reach_a_checkpoint(tmp_path):
    class Broken(Drunkard):
        def step(self, number):
            self.walker.weight.data.fill_(float("inf"))
            return {"loss": torch.tensor(1.0)}

    with pytest.raises(SynthemError, match="TRAINING_DIVERGED .* weights walker.weight .* after step 4"):
        walk(tmp_path, task=Broken())
    assert states(tmp_path) == []


@pytest.mark.parametrize(("rank", "wanted"), [(0, True), (1, False)])
def test_of_several_processes_the_first_alone_draws_curves(tmp_path, monkeypatch, rank, wanted):
    asked = []

    class Seen(Curves):
        def __init__(self, folder, *, wanted):
            asked.append(wanted)
            super().__init__(folder, wanted=False)

    monkeypatch.setattr("synthem.training.loop.Curves", Seen)
    monkeypatch.setattr("synthem.training.loop.rank", lambda: rank)
    walk(tmp_path, tensorboard=True)
    assert asked == [wanted]


@pytest.mark.parametrize("request_", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_request_to_stop_saves_the_step_that_runs(tmp_path, request_):
    class Called(Drunkard):
        def step(self, number):
            if number == 5:
                os.kill(os.getpid(), request_)
            return super().step(number)

    before = signal.getsignal(request_)
    with pytest.raises(SynthemError, match=f"TRAINING_STOPPED .* {request_.name} after step 6 of 10"):
        walk(tmp_path / "two", task=Called())
    assert signal.getsignal(request_) is before
    resumed, history = walk(tmp_path / "two")
    undisturbed, whole = walk(tmp_path / "one")
    assert resumed.steps_taken[0] == 6 and resumed.place == undisturbed.place and history == whole


def test_ctrl_c_that_was_lost_while_a_script_loaded_stops_its_training(tmp_path, monkeypatch):
    class Deaf:
        def __del__(self):  # Python drops what is raised here: `Exception ignored in ...`
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    with pytest.raises(SystemExit), logged_to(tmp_path / "x.log"):
        Deaf()
        walk(tmp_path / "two")
    assert "TRAINING_STOPPED" in (tmp_path / "x.log").read_text().splitlines()[0]
    assert states(tmp_path / "two") == ["step-00000001.pt"]
    with logged_to(tmp_path / "y.log"):  # the next script of the process begins without it
        _, history = walk(tmp_path / "two")
    assert len(history) == 10


@pytest.mark.parametrize(("gpu", "asked", "repeats"), [(0, 0, True), (1, 0, False), (1, 1, True)])
def test_processors_repeat_themselves_and_gpus_take_the_fastest_way_unless_asked(
    monkeypatch, gpu, asked, repeats
):
    for name in (DETERMINISTIC, "CUBLAS_WORKSPACE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(gpu))
    compute_as(torch_threads=torch.get_num_threads(), deterministic=bool(asked))
    seed_everything(3)
    found = (torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark)
    words = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    for name in (DETERMINISTIC, "CUBLAS_WORKSPACE_CONFIG"):
        os.environ.pop(name, None)
    assert torch.backends.cudnn.benchmark_limit == 3
    monkeypatch.undo()
    seed_everything(3)  # as the other tests expect it
    assert found == (repeats, not repeats)
    assert words == (":4096:8" if asked else None)  # one of the two values that cuBLAS knows
    assert torch.are_deterministic_algorithms_enabled() and not torch.backends.cudnn.benchmark

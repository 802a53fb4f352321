"""Steps as CUDA graphs, rehearsed on a processor; tests/gpu captures them."""

import weakref
from functools import partial

import pytest
import torch
from torch import nn

from synthem.compute.devices import use_threads
from synthem.gans.stylegan import stylegan_trainer
from synthem.networks.saving import network_bytes
from synthem.training import capture
from synthem.training.capture import (
    PLAIN_STEPS,
    Cuda,
    Graphs,
    Plain,
    cloned,
    copy_into,
    form_of,
    graphs_here,
    with_room,
)
from synthem.training.segmenter import Segmentation
from tests.shared.boundless_settings import fit_boundless
from tests.shared.gan_settings import SYSTEMS
from tests.shared.gan_steps import half_unknown
from tests.shared.gan_steps import task as gan
from tests.shared.killed_trainings import TRAININGS, segmenter
from tests.shared.rehearsed_graphs import Rehearsal
from tests.shared.settings import edited, saving
from tests.shared.stylegan_settings import STYLEGAN, blobs

use_threads(1)
CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(capture, "say", lines.append)
    return lines


@pytest.fixture
def rehearsals(monkeypatch):
    """All recorders of trainings, which take their steps as on a GPU from now on."""
    made = []

    def rehearsed(device, *, compile):
        made.append(Rehearsal())
        return Graphs(made[-1])

    for module in ("segmenter", "pair"):
        package = "training" if module == "segmenter" else "gans"
        monkeypatch.setattr(f"synthem.{package}.{module}.graphs_here", rehearsed)
    return made


def fit_boundless_long(folder, checkpoint_every):
    return fit_boundless(folder, 8, checkpoint_every=checkpoint_every)


def stylegan(folder, checkpoint_every):
    """Some steps mix two styles, others do not: two forms."""
    settings = edited(STYLEGAN, training__steps=16, training__mixing=0.5)
    return stylegan_trainer(blobs(), **settings).train(saving(folder, checkpoint_every))


EVERY_KIND = TRAININGS | {"Boundless": fit_boundless_long, "StyleGAN": stylegan}


@pytest.mark.parametrize("name", EVERY_KIND)
def test_a_replayed_training_has_the_bytes_of_a_plain_one(tmp_path, request, name):
    plain, expected = EVERY_KIND[name](tmp_path / "plain", 3)
    rehearsals = request.getfixturevalue("rehearsals")  # not before
    net, history = EVERY_KIND[name](tmp_path / "replayed", 3)
    (recorder,) = rehearsals
    assert network_bytes(net) == network_bytes(plain) and history == expected
    assert recorder.plain + recorder.replayed == len(history) and recorder.captured <= recorder.replayed
    assert recorder.captured == {"StyleGAN": 2}.get(name, 1)


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_replayed_steps_of_every_gan_have_the_losses_of_plain_ones(settings):
    rows = []
    for graphs in (Plain(), Graphs(recorder := Rehearsal())):
        torch.manual_seed(0)
        task = gan(half_unknown(), settings)
        task.graphs = graphs
        rows.append([task.step(number) for number in range(PLAIN_STEPS + 2)])
    assert rows[0] == rows[1]
    assert (recorder.captured, recorder.replayed) == (1, 2)


def full():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")


@pytest.mark.parametrize("what", ["validate", "current", "batch_of"])
def test_where_graphs_leave_no_memory_for_other_work_steps_go_on_plainly(
    tmp_path, request, said, monkeypatch, what
):
    """A validation, a snapshot or the next batch that has room beside plain steps ends no training."""

    def train(folder):
        return segmenter(folder, 3, training__snapshots=[6])

    plain, expected = train(tmp_path / "plain")
    rehearsals, whole = request.getfixturevalue("rehearsals"), getattr(Segmentation, what)
    monkeypatch.setattr(
        Segmentation, what, lambda task, *given: full() if task.graphs.holds_memory else whole(task, *given)
    )
    net, history = train(tmp_path / "full")
    (recorder,) = rehearsals
    assert network_bytes(net) == network_bytes(plain) and history == expected
    assert recorder.recovered and recorder.replayed > 0 and recorder.plain + recorder.replayed < len(history)
    assert len([line for line in said if "too little memory" in line]) == 1


def test_the_look_for_broken_weights_has_room_beside_a_graph(tmp_path, rehearsals, said, monkeypatch):
    looked = []

    def look(parts, done, checkpoints):
        if rehearsals[0].captured and not rehearsals[0].recovered:
            full()
        looked.append(done)

    monkeypatch.setattr("synthem.training.loop.refuse_not_finite_weights", look)
    _, history = segmenter(tmp_path, 4)
    assert looked == [4, 8] and len(history) == 8
    assert len([line for line in said if "too little memory" in line]) == 1


def test_errors_that_no_graph_is_to_blame_for_stay_errors():
    class Task:
        graphs = Graphs(Rehearsal())

    with pytest.raises(torch.OutOfMemoryError):
        with_room(Task, full)
    for _ in range(PLAIN_STEPS + 1):
        Task.graphs.run(Adder().learn, (torch.ones(1), None))
    with pytest.raises(RuntimeError, match="^no such size$"):
        with_room(Task, partial(Task.graphs._plainly, no_such_size, None))
    assert Task.graphs.holds_memory


def no_such_size(batch):
    raise RuntimeError("no such size")


class Forgetful(nn.Module):
    """Keeps a new tensor in the place of the old one: a graph would go on with the old one."""

    def __init__(self):
        super().__init__()
        self.register_buffer("kept", torch.zeros(1))

    def learn(self, batch):
        self.kept = self.kept + batch[0]
        return {"kept": self.kept.sum()}


class Counting:
    """Counts on the host: a graph would repeat the number of its capture."""

    count = 0

    def learn(self, batch):
        self.count += 1
        return {"counted": batch[0].sum() * self.count}


@pytest.mark.parametrize("learns", [Forgetful, Counting])
def test_a_rehearsal_finds_what_a_graph_would_do_wrong(learns):
    graphs, learner = Graphs(Rehearsal()), learns()
    with pytest.raises(AssertionError, match="another operation"):
        for _ in range(PLAIN_STEPS + 2):
            graphs.run(learner.learn, (torch.ones(1),))


class Adder:
    """Learns the sum of what it was given, on its own tensor."""

    def __init__(self):
        self.total = torch.zeros(())

    def learn(self, batch):
        first, second = batch
        self.total += first.sum() + (0 if second is None else second)
        return {"total": self.total.clone(), "first": first.sum()}


def test_each_form_of_a_batch_has_its_plain_steps_and_then_a_graph(said):
    graphs, adder = Graphs(recorder := Rehearsal()), Adder()
    batches = [(torch.full((n % 2 + 1,), float(n)), None) for n in range(12)]
    rows = [graphs.run(adder.learn, batch) for batch in batches]
    sums = [n * (n % 2 + 1) for n in range(12)]
    assert [row["first"].item() for row in rows] == sums  # kept, though the next replay wrote over them
    assert [row["total"].item() for row in rows] == [sum(sums[: n + 1]) for n in range(12)]
    assert (recorder.plain, recorder.captured, recorder.replayed) == (
        2 * PLAIN_STEPS,
        2,
        12 - 2 * PLAIN_STEPS,
    )
    assert said == ["a step is one CUDA graph from here on, after 3 plain ones of its form"]


def test_a_form_that_never_comes_back_is_never_captured():
    graphs, adder = Graphs(recorder := Rehearsal()), Adder()
    for number in range(9):
        graphs.run(adder.learn, (torch.ones(1), number))
    assert recorder.captured == 0 and adder.total == 9 + sum(range(9))


def test_what_cannot_be_captured_goes_on_plainly_and_the_log_says_why_once(said):
    recorder = Rehearsal(fails=RuntimeError("operation not permitted when stream is capturing"))
    graphs, adder = Graphs(recorder), Adder()
    for _ in range(9):
        graphs.run(adder.learn, (torch.ones(2), None))
    assert adder.total == 18 and recorder.recovered
    assert [line for line in said if "not permitted" in line] == said and len(said) == 1


def test_a_capture_that_failed_holds_no_memory_when_plain_steps_go_on(said):
    class Full(Rehearsal):
        def record(self, function):
            activations = torch.ones(2)
            self.left = weakref.ref(activations)
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

        def recover(self):
            self.held = self.left() is not None

    recorder = Full()
    graphs, adder = Graphs(recorder), Adder()
    for _ in range(5):
        graphs.run(adder.learn, (torch.ones(2), None))
    assert recorder.held is False and adder.total == 10


def test_where_memory_runs_out_in_a_capture_steps_stay_plain_and_the_log_says_so(said):
    """Its end is an error, too: what went before is the cause."""

    class Full(Rehearsal):
        def record(self, function):
            try:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
            except RuntimeError:
                raise RuntimeError("operation failed due to a previous error during capture")  # noqa: B904

    graphs, adder = Graphs(Full()), Adder()
    for _ in range(9):
        graphs.run(adder.learn, (torch.ones(2), None))
    assert adder.total == 18
    assert len(said) == 1 and "Tried to allocate 2 GiB" in said[0]


@pytest.mark.parametrize("ended", [True, False], ids=["ended by torch", "left open"])
def test_a_capture_that_failed_is_ended_and_its_memory_freed_before_the_cache_is_emptied(monkeypatch, ended):
    """Of a stream that was made to wait in a capture, torch leaves the pool open."""
    calls, recorder = [], Cuda.__new__(Cuda)
    recorder.device, recorder.pool, recorder.chance = GPU, (0, 1), None

    def end(*place):
        calls.append(("end", *place))
        if ended:
            raise RuntimeError("endAllocatePool: not currently recording to mempool_id")

    for name, stand_in in {
        "set_stream": lambda stream: None,
        "default_stream": lambda device: None,
        "current_device": lambda: 0,
        "empty_cache": lambda: calls.append(("empty",)),
        "memory._cuda_endAllocateToPool": end,
        "memory._cuda_releasePool": lambda *place: calls.append(("release", *place)),
    }.items():
        monkeypatch.setattr(f"torch.cuda.{name}", stand_in)
    recorder.recover()
    released = [] if ended else [("release", 0, (0, 1))]
    assert calls == [("end", 0, (0, 1)), *released, ("empty",)]


def test_losses_hold_nothing_of_their_step():
    weight = torch.ones((), requires_grad=True)
    losses = Plain().run(lambda batch: {"loss": weight * batch}, torch.ones(()))
    assert losses["loss"].grad_fn is None


def test_batches_of_one_form_differ_in_their_numbers_alone():
    one = (torch.ones(2, 3), [None, torch.ones(1)], 4)
    assert form_of(one) == form_of((torch.zeros(2, 3), [None, torch.zeros(1)], 4))
    others = [
        (torch.ones(2, 4), [None, torch.ones(1)], 4),
        (torch.ones(2, 3).double(), [None, torch.ones(1)], 4),
        (torch.ones(2, 3), [torch.ones(1), torch.ones(1)], 4),
        (torch.ones(2, 3), [None, torch.ones(1)], 5),
    ]
    assert len({form_of(batch) for batch in (one, *others)}) == 5


def test_a_copy_keeps_its_tensors_when_other_numbers_come():
    given = (torch.ones(2), [None, torch.ones(1)], 4)
    own = cloned(given)
    copy_into(own, (torch.full((2,), 7.0, requires_grad=True), [None, torch.zeros(1)], 4))
    assert own[0].tolist() == [7, 7] and not own[0].requires_grad and own[1][1].item() == 0
    assert given[0].tolist() == [1, 1] and own[1][0] is None and own[2] == 4


@pytest.mark.parametrize(
    ("ranks", "compiled", "why"), [(2, False, "2 processes train together"), (1, True, "compiled")]
)
def test_why_steps_of_a_gpu_are_not_captured_is_said(monkeypatch, said, ranks, compiled, why):
    monkeypatch.setattr(capture, "world_size", lambda: ranks)
    assert type(graphs_here(GPU, compile=compiled)) is Plain
    assert len(said) == 1 and why in said[0]


def test_a_processor_takes_plain_steps_without_a_word(said):
    assert type(graphs_here(CPU, compile=False)) is Plain and said == []

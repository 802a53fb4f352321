from functools import partial

import pytest
import torch

from synthem.errors import SynthemError
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network, save_network
from synthem.training.opening import Blueprint, Trainer
from tests.shared.settings import saving

TRAINING = {"steps": 2, "snapshots": [], "seed": 0, "batch_size": 8, "patch": 32}


def convolution():
    return torch.nn.Conv2d(1, 1, 1, bias=False)


def test_a_step_keeps_weights_and_for_each_pass_what_goes_into_them(monkeypatch):
    batch = (8, 1, 4, 4)  # the input of the convolution: 8 x 16 numbers of 4 bytes
    assert trainer(Blueprint(convolution, batch)).step_bytes() == (4, 512)
    two = trainer(Blueprint(convolution, batch), Blueprint(convolution, batch, passes=2))
    assert two.step_bytes() == (8, 512 + 1024)
    monkeypatch.setattr("synthem.training.opening.world_size", lambda: 2)
    assert two.step_bytes() == (8, 256 + 512)


def test_the_first_weights_are_those_of_the_file_where_one_is_named(tmp_path):
    build = partial(build_network, SEGMENTERS, "unet", in_channels=1, out_channels=1)
    build = partial(build, base_width=2, depth=1)
    save_network(tmp_path / "network.pt", build(seed=1))
    start = {"from": tmp_path / "network.pt", "layers": 1, "freeze_layers": 0}
    started = Blueprint(partial(build, seed=2), (1, 1, 8, 8), start=start).built()
    assert torch.equal(started.stem[0].weight, build(seed=1).stem[0].weight)
    assert torch.equal(started.down[0][0].weight, build(seed=2).down[0][0].weight)


class Learner:
    """Fits a convolution to nothing; asks for as much memory as it is told."""

    validation, guards = None, ()

    def __init__(self, net, ask=lambda: None):
        self.net, self.ask, self.parts = net, ask, {"net": net}

    def step(self, number):
        self.ask()
        return {"loss": torch.rand(())}

    def result(self):
        return self.net


def trainer(*blueprints, task_of=Learner, **changes):
    return Trainer(blueprints, task_of, TRAINING | changes, "unets", {"network.base_width": 4})


def train(folder, task_of=Learner, **changes):
    blueprint = Blueprint(convolution, (8, 1, 4, 4))
    return trainer(blueprint, task_of=task_of, **changes).train(saving(folder))


def test_the_seed_decides_all_that_is_drawn_whatever_was_drawn_before(tmp_path):
    _, history = train(tmp_path / "1")
    torch.rand(7)
    _, again = train(tmp_path / "2")
    _, other = train(tmp_path / "3", seed=1)
    assert history == again != other and len(history) == 2


def test_the_result_is_on_the_processor_and_ready_to_be_used(tmp_path):
    net, _ = train(tmp_path)
    assert not net.training and net.weight.device.type == "cpu"


def test_where_memory_runs_out_the_error_has_the_need_and_all_sizes(tmp_path):
    def hungry():
        raise MemoryError

    with pytest.raises(SynthemError, match="MEMORY unets: a training step needs about 528 bytes") as error:
        train(tmp_path, lambda net: Learner(net, hungry))
    assert error.value.fix == (
        "lower unets.training.batch_size (8) or unets.training.patch (32) or unets.network.base_width (4)"
    )


def test_an_operation_whose_bits_torch_cannot_repeat_is_named(tmp_path):
    def put():
        torch.zeros(3).put_(torch.tensor([0]), torch.ones(1))  # torch repeats it nowhere

    with pytest.raises(SynthemError) as caught:
        train(tmp_path, lambda net: Learner(net, put))
    assert (caught.value.code, caught.value.where) == ("CONFIG_CONTRADICTION", "compute.deterministic")
    assert caught.value.found == "torch has no algorithm here that repeats the bits of put_"

"""What one process does; test_ranks.py starts several."""

import pytest
import torch

from synthem.compute import collectives
from synthem.compute.collectives import (
    SynchronisedNorm,
    all_gather,
    broadcast,
    shard,
    synchronised,
)
from synthem.errors import SynthemError
from synthem.networks.layers import BatchNorm
from synthem.training.checkpoints import Checkpoints
from synthem.training.shared_checkpoints import checkpoints_here


@pytest.fixture
def two(monkeypatch):
    """The second of two processes, as far as no message is needed."""
    monkeypatch.setattr(collectives, "world_size", lambda: 2)
    monkeypatch.setattr(collectives, "rank", lambda: 1)


def test_a_process_alone_has_the_whole_batch_and_nobody_to_talk_to(tmp_path):
    batch, net = torch.rand(3, 1), torch.nn.Sequential(BatchNorm(1))
    assert shard(batch) is batch and all_gather(batch) is batch
    assert broadcast(lambda: 5) == 5
    assert type(synchronised(net)[0]) is BatchNorm
    assert type(checkpoints_here(tmp_path, "a")) is Checkpoints


def test_shares_are_equal_and_in_order(two):
    assert shard(torch.arange(6)).tolist() == [3, 4, 5]


def test_a_batch_that_cannot_be_shared_equally_is_refused(two):
    with pytest.raises(SynthemError, match="CONFIG_VALUE batch_size: 5, for 2 processes .*multiple of 2"):
        shard(torch.arange(5))


def test_norms_are_exchanged_and_weights_keep_their_names(two):
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.Sequential(BatchNorm(2)))
    before = dict(net.state_dict())
    assert type(synchronised(net)[1][0]) is SynchronisedNorm
    assert {name: id(value) for name, value in before.items()}.keys() == net.state_dict().keys()
    assert net[1][0].weight.data_ptr() == before["1.0.weight"].data_ptr()


def test_dropout_of_a_share_is_that_of_the_whole_batch(two):
    net, x = torch.nn.Sequential(torch.nn.Dropout(0.3)), torch.rand(4, 2, 5, 5)
    torch.manual_seed(0)
    expected = net(x)[2:]
    torch.manual_seed(0)
    assert torch.equal(synchronised(net)(x[2:]), expected)
    assert synchronised(net).eval()(x) is x


@pytest.mark.parametrize("shape", [(4, 3, 5, 5), (2, 3, 2, 4, 4)])
def test_a_synchronised_norm_of_one_process_is_torchs(monkeypatch, shape):
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda tensor: None)
    kind = torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm3d
    torch.manual_seed(0)
    theirs, x = kind(3), torch.randn(shape) * 3 + 1
    torch.nn.init.normal_(theirs.weight)
    torch.nn.init.normal_(theirs.bias)
    own = SynchronisedNorm.like(kind(3))
    own.load_state_dict(theirs.state_dict())
    inputs = [x.clone().requires_grad_(), x.clone().requires_grad_()]
    outputs = [norm(one) for norm, one in zip((own, theirs), inputs, strict=True)]
    for output in outputs:
        output.square().sum().backward()
    assert torch.allclose(*outputs, atol=1e-5)
    assert torch.allclose(inputs[0].grad, inputs[1].grad, atol=1e-4)
    for mine, other in zip(own.state_dict().values(), theirs.state_dict().values(), strict=True):
        assert torch.allclose(mine, other, atol=1e-6)
    assert torch.allclose(own.eval()(x), theirs.eval()(x), atol=1e-5)

import pytest
import torch

from synthem.training.averaging import Average


def one_weight(value):
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(net.weight, value)
    return net


def average_over(values, *, decay, warm_up):
    net = one_weight(0.0)
    average, path = Average(net, decay=decay, warm_up=warm_up), []
    for value in values:
        torch.nn.init.constant_(net.weight, value)
        average.prepare()
        average.update()
        path.append(average.network.weight.item())
    return path


def test_the_average_keeps_its_decay_and_takes_the_rest():
    # 0 -> 0.75 * 0 + 0.25 * 8 = 2 -> 0.75 * 2 + 0.25 * 8 = 3.5
    assert average_over([8, 8], decay=0.75, warm_up=1) == [2, 3.5]


def test_during_the_warm_up_less_is_kept():
    # 1/10 of 0 + 9/10 of 10 = 9; 2/11 of 9 + 9/11 of 10 = 108/11
    assert average_over([10, 10], decay=0.99, warm_up=10) == pytest.approx([9, 108 / 11])


def test_running_statistics_are_those_of_the_network():
    net = torch.nn.BatchNorm2d(1)
    average = Average(net, decay=0.9, warm_up=1)
    net(torch.full((2, 1, 2, 2), 5.0))
    average.prepare()
    average.update()
    assert average.network.running_mean.item() == net.running_mean.item() != 0
    assert average.network.num_batches_tracked == 1


def test_each_buffer_is_that_of_the_network_whatever_its_type():
    net = torch.nn.Sequential(torch.nn.BatchNorm2d(2), torch.nn.Conv2d(2, 2, 1), torch.nn.BatchNorm2d(2))
    net.register_buffer("sure", torch.tensor(False))
    average = Average(net, decay=0.9, warm_up=1)
    places = [buffer.data_ptr() for buffer in average.network.buffers()]
    for number in (1, 2):
        net(torch.randn(2, 2, 3, 3))
        net.sure.fill_(number == 2)
        average.prepare()
        average.update()
        pairs = zip(average.network.named_buffers(), net.named_buffers(), strict=True)
        assert all(mine == theirs and torch.equal(one, other) for (mine, one), (theirs, other) in pairs)
    assert places == [buffer.data_ptr() for buffer in average.network.buffers()]


def test_the_network_itself_is_left_alone_and_the_average_learns_nothing():
    net = one_weight(3.0)
    average = Average(net, decay=0.5, warm_up=1)
    average.prepare()
    average.update()
    assert net.weight.item() == 3 and net.weight.requires_grad
    assert not any(weight.requires_grad for weight in average.network.parameters())


def test_an_average_goes_on_from_its_state():
    net = one_weight(1.0)
    whole = Average(net, decay=0.9, warm_up=5)
    whole.prepare()
    whole.update()
    other = Average(one_weight(7.0), decay=0.9, warm_up=5)
    other.load_state_dict(whole.state_dict())
    assert other.updates == 1 and torch.equal(other.network.weight, whole.network.weight)

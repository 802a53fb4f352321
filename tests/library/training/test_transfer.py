import pytest
import torch

from synthem.errors import SynthemError
from synthem.networks.boundless import BoundlessGenerator
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network, save_network
from synthem.training.transfer import freeze, take_weights

GENERATOR = {"boundless": BoundlessGenerator}


def unet(seed=0, base_width=2, depth=2, in_channels=1):
    arguments = {"in_channels": in_channels, "out_channels": 1, "base_width": base_width, "depth": depth}
    return build_network(SEGMENTERS, "unet", seed=seed, **arguments)


def boundless(family, in_channels, seed):
    arguments = {"in_channels": in_channels, "out_channels": 1, "base_width": 4}
    return build_network(family, "boundless", seed=seed, **arguments)


def same(one, other):
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(mine, theirs) for mine, theirs in pairs)


def test_a_network_starts_with_the_weights_of_another(tmp_path):
    trained, net = unet(seed=1), unet(seed=2)
    save_network(tmp_path / "network.pt", trained)
    assert not same(net, trained)
    take_weights(net, tmp_path / "network.pt", 0)
    assert same(net, trained)


def test_a_segmenter_starts_with_what_the_boundless_generator_has_learnt(tmp_path):
    generator = boundless(GENERATOR, 3, seed=1)
    save_network(tmp_path / "network.pt", generator)
    segmenter = boundless(SEGMENTERS, 1, seed=2)
    take_weights(segmenter, tmp_path / "network.pt", 0)
    assert same(segmenter, generator)


def origins(net, own, file):
    """{name: where its weights come from}, but for those alike in both, such as norms at the start."""
    found = {}
    for name, weight in net.state_dict().items():
        mine, theirs = own.state_dict()[name], file.state_dict().get(name)
        from_file = theirs is not None and torch.equal(weight, theirs)
        if torch.equal(weight, mine) != from_file:
            found[name] = "file" if from_file else "random"
    return found


def test_the_first_layers_alone_start_from_the_file(tmp_path):
    trained = unet(seed=1)
    save_network(tmp_path / "network.pt", trained)
    net = unet(seed=2)
    take_weights(net, tmp_path / "network.pt", 2)
    assert origins(net, unet(seed=2), trained) == {
        **dict.fromkeys(["stem.0.weight", "stem.3.weight", "down.0.0.weight", "down.0.3.weight"], "file"),
        **dict.fromkeys(["down.1.0.weight", "down.1.3.weight", "head.weight", "head.bias"], "random"),
        **{f"up.{level}.{part}": "random" for level in (0, 1) for part in ("weight", "bias")},
        **{f"merge.{level}.{number}.weight": "random" for level in (0, 1) for number in (0, 3)},
    }


def test_the_encoder_of_boundless_starts_a_network_with_other_outputs(tmp_path):
    generator = boundless(GENERATOR, 3, seed=1)
    save_network(tmp_path / "network.pt", generator)
    shape = {"in_channels": 1, "out_channels": 6, "base_width": 4}
    net, own = (build_network(SEGMENTERS, "boundless", seed=2, **shape) for _ in range(2))
    take_weights(net, tmp_path / "network.pt", 8)
    expected = {number: "file" if number < 8 else "random" for number in range(17)}
    assert {
        int(name.split(".")[1]): place for name, place in origins(net, own, generator).items()
    } == expected


def test_running_statistics_belong_to_their_layer(tmp_path):
    trained, net = unet(seed=1), unet(seed=2)
    for part in (trained.stem, trained.down[0]):
        part[1].running_mean.fill_(5)
    save_network(tmp_path / "network.pt", trained)
    take_weights(net, tmp_path / "network.pt", 1)
    assert (net.stem[1].running_mean == 5).all() and (net.down[0][1].running_mean == 0).all()


def test_layers_that_are_taken_must_fit(tmp_path):
    save_network(tmp_path / "network.pt", unet(base_width=4))
    text = refusal(unet(base_width=2), tmp_path / "network.pt", layers=1)
    assert "stem.0.weight is (4, 1, 3, 3) in the file and (2, 1, 3, 3) in the network" in text
    assert "down" not in text


def test_more_layers_than_there_are_cannot_start_from_a_file(tmp_path):
    save_network(tmp_path / "network.pt", unet(seed=1))
    net = unet(seed=2)
    with pytest.raises(
        SynthemError, match="CONFIG_VALUE start.layers: 9 .expected at most 8, of its 8 layers"
    ):
        take_weights(net, tmp_path / "network.pt", 9)
    take_weights(net, tmp_path / "network.pt", 8)
    assert same(net, unet(seed=1))


def refusal(net, path, layers=0):
    with pytest.raises(SynthemError) as error:
        take_weights(net, path, layers)
    assert error.value.code == "NETWORK_FILE" and error.value.where == str(path)
    return str(error.value)


def test_other_shapes_are_named_with_both(tmp_path):
    save_network(tmp_path / "network.pt", unet(base_width=4))
    text = refusal(unet(base_width=2), tmp_path / "network.pt")
    assert "stem.0.weight is (4, 1, 3, 3) in the file and (2, 1, 3, 3) in the network" in text
    assert text.count("in the file") == 3 and "more (expected" in text


def test_missing_and_unknown_weights_are_named(tmp_path):
    save_network(tmp_path / "network.pt", boundless(GENERATOR, 3, seed=1))
    text = refusal(unet(), tmp_path / "network.pt")
    assert "stem.0.weight is none in the file" in text


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_file_that_is_no_network_is_refused(tmp_path, content):
    (tmp_path / "network.pt").write_bytes(content)
    assert "not a saved network" in refusal(unet(), tmp_path / "network.pt")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "No such file" in refusal(unet(), tmp_path / "network.pt")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_not_finite_are_named_with_their_file(tmp_path, value):
    trained, net, untouched = unet(seed=1), unet(seed=2), unet(seed=2)
    with torch.no_grad():
        trained.merge[0][0].weight[1, 0, 0, 0] = value
        trained.head.bias[0] = value
    save_network(tmp_path / "network.pt", trained)
    text = refusal(net, tmp_path / "network.pt")
    assert "merge.0.0.weight and 1 other hold values that are infinite or not a number" in text
    assert same(net, untouched)
    take_weights(net, tmp_path / "network.pt", 1)  # the first layer is sound


def test_the_first_layers_are_frozen_and_no_others():
    net = boundless(SEGMENTERS, 1, seed=0)
    frozen = freeze(net, 8)
    learning = {name.split(".")[1] for name, weight in net.named_parameters() if weight.requires_grad}
    assert len(frozen) == 8 and learning == {str(number) for number in range(8, 17)}


def test_the_layers_of_a_unet_go_from_the_image_to_the_logits():
    net = unet(depth=2)
    assert net.layers[0] is net.stem and net.layers[-1] is net.head
    assert len(net.layers) == 1 + 2 + 4 + 1
    ordered = [weight for layer in net.layers for weight in layer.parameters()]
    assert {id(weight) for weight in ordered} == {id(weight) for weight in net.parameters()}


@pytest.mark.parametrize(("net", "count"), [(unet(), 8), (torch.nn.Linear(1, 1), 1)])
def test_there_must_be_something_left_to_learn(net, count):
    with pytest.raises(SynthemError, match="CONFIG_VALUE start.freeze_layers"):
        freeze(net, count)


def test_nothing_is_frozen_with_0():
    assert freeze(torch.nn.Linear(1, 1), 0) == []

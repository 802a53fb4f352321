"""Transfer learning: the first weights of a network are those of another one, or stay as they are."""

from synthem.errors import SynthemError
from synthem.networks.saving import check_finite
from synthem.sharing.weights import weights_of

SHOWN = 3  # differences that an error names


def take_weights(net, path, layers):
    """Put the weights of a trained network's file into the first `layers` of `net`, 0: into all of it.

    Names and shapes must be the same there; the other layers keep what they have.
    """
    own = {name: tuple(weight.shape) for name, weight in net.state_dict().items()}
    if layers:
        names = names_in(net, first_layers(net, layers, most=len(layers_of(net)), key="start.layers"))
        own = {name: own[name] for name in own if name in names}
    try:
        weights = weights_of(path)
        shapes = {name: tuple(weight.shape) for name, weight in weights.items()}
    except MemoryError:
        raise
    except Exception as error:  # a foreign or damaged file fails in a hundred ways
        raise unfit(path, f"not a saved network: {error or type(error).__name__}") from error
    if layers:
        shapes = {name: shape for name, shape in shapes.items() if name in own}
    differences = list(differing(own, shapes))
    if differences:
        more = f" and {len(differences) - SHOWN} more" if len(differences) > SHOWN else ""
        count = f"{len(differences)} of {len(own | shapes)} tensors differ: "
        raise unfit(path, count + "; ".join(differences[:SHOWN]) + more)
    taken = {name: weights[name] for name in own}
    try:
        check_finite(taken)
    except ValueError as error:
        raise unfit(path, error) from error
    net.load_state_dict(net.state_dict() | taken)


def names_in(net, layers):
    """The names in `net` of all weights and statistics of some of its layers."""
    inside = {id(layer): layer for layer in layers}
    return {
        f"{name}.{weight}"
        for name, layer in net.named_modules()
        if id(layer) in inside
        for weight in layer.state_dict()
    }


def differing(own, other):
    """What differs between two networks, {name: shape} each, in words."""
    for name in [*own, *(name for name in other if name not in own)]:
        if own.get(name) != other.get(name):
            here, there = (shapes.get(name, "none") for shapes in (own, other))
            yield f"{name} is {there} in the file and {here} in the network"


def unfit(path, found):
    return SynthemError(
        "NETWORK_FILE",
        path,
        found,
        expected="a network.pt of this workflow, a .safetensors, or a bioimage.io .zip with "
        "pytorch_state_dict, of the same kind and sizes as the network to start",
        fix='name another file in training.start.from, or "" to start from random weights',
    )


def freeze(net, count):
    """Fix the first `count` of the network's `layers`; return these, which are to stay in eval mode."""
    frozen = first_layers(net, count, most=len(layers_of(net)) - 1, key="start.freeze_layers")
    for layer in frozen:
        layer.requires_grad_(False)
    return frozen


def layers_of(net):
    return list(getattr(net, "layers", []))


def first_layers(net, count, *, most, key):
    """The first `count` layers of a network, counted from the image on; at most `most`."""
    if count > max(most, 0):
        there = f"at most {most}, of its {len(layers_of(net))} layers"
        expected = there if layers_of(net) else "0 for this network"
        raise SynthemError("CONFIG_VALUE", key, f"{count}", expected=expected, fix="lower it")
    return layers_of(net)[:count]

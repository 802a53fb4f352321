"""Networks that start from what another one has learnt (paper 2's transfer)."""

from pathlib import Path

from synthem.errors import SynthemError
from synthem.networks.saving import from_bytes

SHOWN = 3  # differences that an error names


def take_weights(net, path):
    """Put the weights of a trained network's file into `net`; names and shapes must be the same."""
    try:
        weights = from_bytes(Path(path).read_bytes())["weights"]
        shapes = {name: tuple(weight.shape) for name, weight in weights.items()}
    except MemoryError:
        raise
    except Exception as error:  # a foreign or damaged file fails in a hundred ways
        raise unfit(path, f"not a saved network: {error or type(error).__name__}") from error
    differences = list(differing({name: tuple(own.shape) for name, own in net.state_dict().items()}, shapes))
    if differences:
        more = f" and {len(differences) - SHOWN} more" if len(differences) > SHOWN else ""
        raise unfit(path, "; ".join(differences[:SHOWN]) + more)
    net.load_state_dict(weights)


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
        expected="a network that this workflow trained, of the same name and sizes as the one to start",
        fix='name another file in start_from, or "" to start from random weights',
    )


def freeze(net, count):
    """Fix the first `count` of the network's `layers`; return these, which are to stay in eval mode."""
    layers = list(getattr(net, "layers", []))
    if count and count >= len(layers):
        raise SynthemError(
            "CONFIG_VALUE",
            "freeze_layers",
            f"{count}",
            expected=f"less than the {len(layers)} layers there are" if layers else "0 for this network",
            fix="lower it",
        )
    for layer in layers[:count]:
        layer.requires_grad_(False)
    return layers[:count]

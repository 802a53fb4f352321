"""A trained network on the disk: weights, losses per step, and what it was made from."""

from synthem.compute.devices import hardware, pick_device
from synthem.networks.saving import save_network
from synthem.storage.files import write_history, write_json
from synthem.storage.provenance import provenance


def write_trained(output, net, history, **origin):
    """`output` {network, history, provenance: path}; origin: of `provenance`, but for the machine."""
    save_network(output["network"], net)
    write_history(output["history"], history)
    device = pick_device()
    write_json(output["provenance"], provenance(**origin, device=str(device), hardware=hardware(device)))

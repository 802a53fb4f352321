"""A trained network on the disk: weights, losses per step, and what it was made from."""

from synthem.compute.devices import pick_device
from synthem.networks.saving import save_network
from synthem.storage.files import write_history, write_json
from synthem.storage.provenance import provenance


def write_trained(output, net, history, *, rule, settings, code, inputs):
    """`output` {network, history, provenance: path}; the rest as for `provenance`."""
    save_network(output["network"], net)
    write_history(output["history"], history)
    device = str(pick_device())
    origin = provenance(rule=rule, settings=settings, code=code, inputs=inputs, device=device)
    write_json(output["provenance"], origin)

"""A network that this workflow exported, built again from its file alone."""

from synthem.errors import SynthemError
from synthem.networks.saving import build_network, check_finite
from synthem.sharing.headers import EXPECTED, FIX, card_in
from synthem.sharing.weights import weights_of


def load_shared(path, kinds):
    """The network of a file that `exporting` wrote, on the CPU and in eval mode: of one of the kinds."""
    card = card_in(path)
    try:
        net = build_network(kinds, card["kind"], seed=0, **card["arguments"])
        weights = weights_of(path)
        check_finite(weights)
        net.load_state_dict(weights)
    except MemoryError:
        raise
    except Exception as error:  # a damaged file fails in a hundred ways
        found = f"not such a network: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        raise SynthemError("NETWORK_FILE", path, found, expected=EXPECTED, fix=FIX) from error
    return net.eval()

"""The weights in the file of a network, whoever wrote it."""

from pathlib import Path

from synthem.networks.saving import from_bytes
from synthem.sharing.packages import weights_in_package
from synthem.sharing.safetensors import from_safetensors


def weights_of(path):
    """{name: tensor} of a `.safetensors`, a bioimage.io package (`.zip`) or our own network.pt."""
    path = Path(path)
    if path.suffix == ".zip":
        return weights_in_package(path)
    data = path.read_bytes()
    return from_safetensors(data)[0] if path.suffix == ".safetensors" else from_bytes(data)["weights"]

"""The weights in the file of a network, whoever wrote it."""

import zipfile
from io import BytesIO
from pathlib import Path

from synthem.networks.saving import from_bytes
from synthem.sharing.packages import weights_in_package
from synthem.sharing.safetensors import from_safetensors


def weights_of(path):
    """{name: tensor} of a `.safetensors`, a bioimage.io package (`.zip`) or our own network.pt."""
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".zip":
        return weights_in_package(path)
    if kind == ".safetensors":
        return from_safetensors(path.read_bytes())[0]
    content = path.read_bytes()
    if not zipfile.is_zipfile(BytesIO(content)):
        raise ValueError("not what torch.save writes since its version 1.6")
    saved = from_bytes(content)
    if not isinstance(saved, dict) or "weights" not in saved:
        raise ValueError("no network.pt of this workflow: save weights of other programs as .safetensors")
    return saved["weights"]

"""Weights out of a bioimage.io package (a zip with rdf.yaml) of others: nothing in it is run or fetched."""

import hashlib
import zipfile

import torch

from synthem.networks.saving import from_bytes
from synthem.sharing.headers import description_of, member_of
from synthem.sharing.safetensors import from_safetensors

LARGEST_WEIGHTS = 2**32  # bytes
KIND = "pytorch_state_dict"


def weights_in_package(path):
    """{name: tensor} of the weights `pytorch_state_dict` of a package; ValueError where it has none."""
    with zipfile.ZipFile(path) as package:
        weights = description_of(package).get("weights") or {}
        if KIND not in weights:
            raise ValueError(f"no weights of the kind {KIND} among: {', '.join(weights) or 'none'}")
        source = str(weights[KIND]["source"])
        data = member_of(package, source, most=LARGEST_WEIGHTS)
    expected, found = weights[KIND].get("sha256"), hashlib.sha256(data).hexdigest()
    if expected and expected != found:
        raise ValueError(f"{source} has the sha256 {found[:12]}..., not {expected[:12]}... as it says")
    return from_safetensors(data)[0] if source.endswith(".safetensors") else state_dict_of(data)


def state_dict_of(data):
    """{name: tensor} of the bytes that torch.save made of it; anything else is refused, code above all."""
    weights = from_bytes(data)
    if not isinstance(weights, dict) or not all(isinstance(one, torch.Tensor) for one in weights.values()):
        raise ValueError("its weights are no state dict: {name: tensor}")
    return dict(weights)

"""A trained segmenter -> a file that other programs open."""

import json

import torch

from synthem.inference.segmenting import Segmenter
from synthem.sharing.bioimageio import crop_of, packed
from synthem.sharing.safetensors import to_safetensors
from synthem.storage.files import write_bytes


def write_safetensors(path, net, card, volume):
    """The weights; the card as JSON below `synthem` of the metadata."""
    metadata = {"format": "pt", "synthem": json.dumps(card, sort_keys=True)}
    write_bytes(path, to_safetensors(net.state_dict(), metadata))


def write_package(path, net, card, volume):
    """A bioimage.io package; its test is a piece of the test block with the workflow's own probabilities."""
    image = crop_of(volume, net)
    plain = card["inference"] | {"tile": max(image.shape[1:3]), "tile_slices": len(image), "turns": 1}
    segmenter = Segmenter(net, device=torch.device("cpu"), **plain | {"precision": "fp32"})
    write_bytes(path, packed(net, card, image, segmenter.probabilities([image])))


WRITERS = {"safetensors": write_safetensors, "bioimageio.zip": write_package}

"""A trained segmenter as a bioimage.io package: a zip that describes, holds and tests it (model spec 0.5)."""

import hashlib
import io
import re
import zipfile

import numpy as np
import yaml

from synthem.intensity import refuse_to_package
from synthem.networks.saving import to_bytes
from synthem.sharing.architecture import source_of
from synthem.sharing.cards import microscopy_of
from synthem.sharing.read_me import read_me

FORMAT = "0.5.3"  # of the spec; readers of all later ones of 0.5 know it
AXES = ("z", "y", "x")  # of space; a network in 2-D has the last two
SIDE, SLICES = 256, 16  # at most, of the piece of an image that tests a package
OLD = (1980, 1, 1, 0, 0, 0)  # the one date of all files: equal packages have equal bytes
EPSILON = 1e-6  # the spec's own, beside a deviation of grey levels

# How networks see grey levels (`intensity.GREYS`) in the spec's words. Where no type is named last, readers
# go back to that of the image.
AS_FLOAT = {"id": "ensure_dtype", "kwargs": {"dtype": "float32"}}
PREPROCESSING = {
    "standardised": [
        {"id": "zero_mean_unit_variance", "kwargs": {"axes": ["y", "x"], "eps": EPSILON}},
        AS_FLOAT,
    ],
    "unit": [AS_FLOAT, {"id": "scale_linear", "kwargs": {"gain": 1 / 127.5, "offset": -1.0}}, AS_FLOAT],
}


def packed(net, card, image, expected):
    """The bytes of a package; image, expected: a piece of an image and its probabilities, [Z, Y, X(, C)]."""
    if net.greys == "unit":
        refuse_to_package(image.dtype)
    weights = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    files = {
        "weights.pt": bytes(to_bytes(weights)),
        "architecture.py": source_of(type(net)).encode(),
        "test_input.npy": _npy(as_batch(net, image)),
        "test_output.npy": _npy(as_batch(net, expected)),
        "README.md": read_me(card, type(net).__name__).encode(),
    }
    hashes = {
        name: {"source": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    }
    text = yaml.dump(description(net, card, hashes), Dumper=InFull, sort_keys=False, allow_unicode=True)
    return _zipped({"rdf.yaml": text.encode(), **files})


class InFull(yaml.SafeDumper):
    """Writes what stands in several places several times, not as a reference that readers have to look up."""

    def ignore_aliases(self, data):
        return True


def description(net, card, files):
    """rdf.yaml as plain data. files: {name: {source, sha256}}.

    No axis has a `halo`: programs would mirror images by it before they are standardised, and the network
    would see other grey levels than in the workflow. The workflow's own halo stands in the card.
    """
    return {
        "format_version": FORMAT,
        "type": "model",
        "name": _name_of(card),
        "description": f"Segments {card['segments']} in {microscopy_of(card)}, with voxels of "
        f"{' x '.join(f'{size:g}' for size in card['voxel_size_nm'])} nm (z, y, x).",
        "authors": [{"name": name} for name in card["authors"]],
        "cite": [{"text": f"https://doi.org/{doi}", "doi": doi} for doi in card["cite"]],
        **({"license": card["licence"]} if card["licence"] else {}),
        "tags": _tags(net, card),
        "documentation": files["README.md"],
        "inputs": [_image(net, card, files)],
        "outputs": [_probability(net, card, files)],
        "weights": {"pytorch_state_dict": _state_dict(net, card, files)},
        "config": {"synthem": card},
    }


def _image(net, card, files):
    """What the network sees."""
    sizes = {axis: {"min": step + beyond(net), "step": step} for axis, step in grid_of(net).items()}
    return {
        "id": "image",
        "description": "grey levels as they are stored",
        "axes": _axes(card, "grey", card["image"]["channels"], sizes),
        "data": {"type": card["image"]["type"]},
        "preprocessing": PREPROCESSING[net.greys],
        "test_tensor": files["test_input.npy"],
    }


def _probability(net, card, files):
    """The description of what the network answers, of the size of the image."""
    sizes = {axis: {"tensor_id": "image", "axis_id": axis} for axis in grid_of(net)}
    return {
        "id": "probability",
        "description": f"of {card['segments']}"[:128],
        "axes": _axes(card, "probability", card["arguments"]["out_channels"], sizes),
        "data": {"type": "float32", "range": [0.0, 1.0]},
        "postprocessing": [{"id": "sigmoid"}],
        "test_tensor": files["test_output.npy"],
    }


def _axes(card, word, channels, sizes):
    """Batch, channels and the axes of space that have sizes."""
    names = [word] if channels == 1 else [f"{word}{number}" for number in range(channels)]
    voxel = dict(zip(AXES, card["voxel_size_nm"], strict=True))
    space = [
        {"type": "space", "id": axis, "unit": "nanometer", "scale": voxel[axis], "size": size}
        for axis, size in sizes.items()
    ]
    return [{"type": "batch"}, {"type": "channel", "channel_names": names}, *space]


def _state_dict(net, card, files):
    """Weights, and the code and arguments of the network that takes them."""
    code = {"callable": type(net).__name__, "kwargs": card["arguments"]}
    version = card["made_from"]["versions"]["torch"].partition("+")[0]
    return {
        **files["weights.pt"],
        "architecture": {**files["architecture.py"], **code},
        "pytorch_version": version,
    }


def grid_of(net):
    """{axis of space: how many pixels make one of the network's coarsest level}."""
    multiple = (net.multiple,) * 2 if isinstance(net.multiple, int) else net.multiple
    return dict(zip(AXES[-len(multiple) :], multiple, strict=True))


def beyond(net):
    """Pixels that a size has more than its multiples: one for networks whose levels share their corners."""
    return int(not getattr(net, "pads", True))


def crop_of(volume, net):
    """The piece of the test block that tests a package: from its first slice on, the middle of the slices.

    It fits the network's grid; where the block is smaller than that, its last slice or pixel is repeated.
    """
    first, end = volume.facts.blocks["test"][0]
    grid, there = grid_of(net), (end - first, *volume.shape[1:3])
    wanted = (SLICES if "z" in grid else 1, SIDE, SIDE)
    sizes = [
        max((min(most, size) - beyond(net)) // grid[axis], 1) * grid[axis] + beyond(net)
        if axis in grid
        else most
        for axis, most, size in zip(AXES, wanted, there, strict=True)
    ]
    y, x = (max((size - own) // 2, 0) for size, own in zip(there[1:], sizes[1:], strict=True))
    block = volume.read("image", first, min(first + sizes[0], end))
    piece = block[:, y : y + sizes[1], x : x + sizes[2]]
    missing = [(0, size - own) for size, own in zip(sizes, piece.shape, strict=False)]
    return np.pad(piece, missing + [(0, 0)] * (piece.ndim - 3), mode="edge")


def as_batch(net, planes):
    """[Z, Y, X] or [Z, Y, X, C] -> [1, C, Z, Y, X], or for a network in 2-D [1, C, Y, X]."""
    channels = planes[None] if planes.ndim == 3 else np.moveaxis(planes, -1, 0)
    return np.ascontiguousarray(channels if "z" in grid_of(net) else channels[:, 0])[None]


def _tags(net, card):
    microscopy = microscopy_of(card).replace(" ", "-")
    return [microscopy, f"{len(grid_of(net))}d", "segmentation", "pytorch", card["segments"]]


def _name_of(card):
    """Letters, digits, spaces, `_`, `-` and brackets, at most 128."""
    words = f"{card['kind']} for {card['segments']} (Synthem, {card['run']['volume']}, {card['run']['arm']})"
    return re.sub(r"[^A-Za-z0-9_()-]+", " ", words)[:128]


def _npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _zipped(files):
    """The bytes of a zip: the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name, OLD), data)
    return buffer.getvalue()

"""Networks by the kinds of the config, and files with all that is needed to build a network again."""

import io
import zipfile
from importlib import import_module
from inspect import signature
from pathlib import Path

import torch

from synthem.errors import SynthemError, reading
from synthem.storage.files import write_bytes

ASKED = ("multiple", "greys", "pads", "on_grid")  # of a segmenter: what `layers.AnySize` is made of


def build_network(kinds, kind, *, seed, **arguments):
    """A new network with random weights: equal seeds give equal ones, whatever was computed before.

    kinds: {kind: class, or the dotted name of a class} (`registry`); arguments: those of the class.
    """
    network = class_of_kind(kinds, kind)
    with torch.random.fork_rng(devices=[]):  # networks are born on the CPU
        torch.default_generator.manual_seed(seed)
        net = network(**arguments)
    net.built_as = {"name": kind, "arguments": arguments}
    return net


def build_segmenter(kinds, kind, *, seed, **arguments):
    """`build_network`, with an error where the class lacks what trainings and predictions ask of it."""
    try:
        signature(class_of_kind(kinds, kind)).bind(**arguments)
    except TypeError as error:
        raise no_segmenter(kinds[kind], f"its constructor: {error}") from error
    net = build_network(kinds, kind, seed=seed, **arguments)
    if missing := [name for name in ASKED if not hasattr(net, name)]:
        raise no_segmenter(kinds[kind], f"it has no `{'`, `'.join(missing)}`")
    return net


def no_segmenter(name, found):
    return SynthemError(
        "NETWORK_CLASS",
        name,
        found,
        expected="a subclass of layers.AnySize with `multiple`, `on_grid` and a constructor "
        "(in_channels, out_channels, its options of the config)",
        fix="write it like the example in docs/contributing.md",
    )


def class_of_kind(kinds, kind):
    """The class of a kind of network or objective; imported only now where `kinds` has a dotted name."""
    if kind not in kinds:
        raise ValueError(f"unknown kind '{kind}'")
    found = kinds[kind]
    if isinstance(found, str):
        module, name = found.rsplit(".", 1)
        found = getattr(import_module(module), name)
    return found


def save_network(path, net):
    """Write weights and how to build the network: the same bytes for the same network."""
    write_bytes(path, network_bytes(net))


def network_bytes(net):
    """The file of a network: weights on the CPU in plain memory format, its kind, its arguments."""
    plain = torch.contiguous_format  # how a network lies in memory is not part of it
    weights = {
        name: value.detach().cpu().clone(memory_format=plain) for name, value in net.state_dict().items()
    }
    return to_bytes({**net.built_as, "weights": weights})


def load_network(path, kinds):
    """The network of a file that `save_network` wrote, on the CPU and in eval mode: of one of the kinds."""
    expected = f"a file that this workflow wrote, with a network of {', '.join(kinds)}"
    with reading(path, expected=expected):
        data = Path(path).read_bytes()
    try:
        saved = from_bytes(data)
        net = build_network(kinds, saved["name"], seed=0, **saved["arguments"])
        check_finite(saved["weights"])
        net.load_state_dict(saved["weights"])
    except MemoryError:
        raise
    except Exception as error:  # a foreign or damaged file fails in a hundred ways
        raise SynthemError(
            "NETWORK_FILE",
            path,
            f"not such a network: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
            expected=expected,
            fix="move it away and run again: what the workflow trained, it trains anew",
        ) from error
    return net.eval()


def check_finite(weights):
    """Raise ValueError where a weight is infinite or not a number: so is all that is computed with it."""
    broken = [name for name, weight in weights.items() if not weight.isfinite().all()]
    if broken:
        more = len(broken) - 1
        hold = f"and {more} other{'s' * (more > 1)} hold" if more else "holds"
        raise ValueError(f"{broken[0]} {hold} values that are infinite or not a number")


def to_bytes(content):
    """torch.save's format, made in memory: a file on the disk would hold its own name as well."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getbuffer()


def from_bytes(data):
    """The content that `to_bytes` packed, on the CPU; no code in it is run, and damage is an error."""
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer) as archive:  # torch itself does not compare the checksums
        unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > len(data):
            raise ValueError(f"unpacks to {unpacked} bytes from {len(data)}, where torch packs nothing")
        damaged = archive.testzip()
    if damaged:
        raise ValueError(f"damaged at {damaged}")
    buffer.seek(0)
    return torch.load(buffer, map_location="cpu", weights_only=True)

"""Networks built from the config's words, and files that know how to build them again."""

import io
import zipfile
from inspect import signature
from pathlib import Path

import torch

from synthem.errors import SynthemError, reading
from synthem.storage.files import write_bytes


def build_network(family, *, name, seed, **arguments):
    """A network of the family (word -> class): equal seeds give equal weights, whatever ran before."""
    if name not in family:
        raise SynthemError(
            "CONFIG_VALUE",
            "name",
            f"unknown network '{name}'",
            expected=" or ".join(family),
            fix="correct the name",
        )
    _refuse_other_arguments(name, family[name], arguments)
    with torch.random.fork_rng(devices=[]):  # networks are born on the CPU
        torch.default_generator.manual_seed(seed)
        net = family[name](**arguments)
    net.built_as = {"name": name, "arguments": arguments}
    return net


def _refuse_other_arguments(name, network, arguments):
    """Each network has arguments of its own, more than a schema can tell apart."""
    known = signature(network).parameters
    needed = {argument for argument, about in known.items() if about.default is about.empty}
    unknown, missing = sorted(set(arguments) - set(known)), sorted(needed - set(arguments))
    if unknown or missing:
        found = [f"{' and '.join(unknown)} not known"] * bool(unknown)
        found += [f"{' and '.join(missing)} missing"] * bool(missing)
        raise SynthemError(
            "CONFIG_KEY",
            f"network '{name}'",
            ", ".join(found),
            expected=", ".join(known),
            fix="give it these arguments",
        )


def without_what_is_off(options, family):
    """Options but those that are 0 where the network has nothing of the kind, or is without it anyway."""
    if options["name"] not in family:
        return options  # `build_network` has the words for that
    known = signature(family[options["name"]]).parameters
    needed = {name for name, about in known.items() if about.default is about.empty}
    return {option: value for option, value in options.items() if value or option in needed}


def save_network(path, net):
    """Write weights and how to build the network: the same bytes for the same network."""
    write_bytes(path, network_bytes(net))


def network_bytes(net):
    plain = torch.contiguous_format  # how a network lies in memory is not part of it
    weights = {
        name: value.detach().cpu().clone(memory_format=plain) for name, value in net.state_dict().items()
    }
    return to_bytes({**net.built_as, "weights": weights})


def load_network(path, family):
    """The network of a file that `save_network` wrote, on the CPU and ready to predict."""
    expected = f"a file that this workflow wrote, with a network of {', '.join(family)}"
    with reading(path, expected=expected):
        data = Path(path).read_bytes()
    try:
        saved = from_bytes(data)
        net = build_network(family, name=saved["name"], seed=0, **saved["arguments"])
        refuse_not_finite(saved["weights"])
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


def refuse_not_finite(weights):
    """What learnt from such weights, or is computed with them, is not a number either."""
    broken = [name for name, weight in weights.items() if not weight.isfinite().all()]
    if broken:
        more = f" and {len(broken) - 1} others" if broken[1:] else ""
        raise ValueError(f"{broken[0]}{more} hold values that are infinite or not a number")


def to_bytes(content):
    """torch.save's format, made in memory: a file of it holds its own name, so bytes would depend on that."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getbuffer()


def from_bytes(data):
    """What `to_bytes` packed, on the CPU; nothing in the data is executed, and damage is an error."""
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer) as archive:  # torch itself does not compare the checksums
        damaged = archive.testzip()
    if damaged:
        raise ValueError(f"damaged at {damaged}")
    buffer.seek(0)
    return torch.load(buffer, map_location="cpu", weights_only=True)

"""What the file of a shared network says of itself. No torch here: Snakemake asks whenever it starts."""

import json
import zipfile
from pathlib import Path

from synthem.errors import SynthemError, reading
from synthem.storage.zips import DAMAGED_ZIP

LENGTH = 8  # bytes (little-endian) at the start of safetensors: how long the header is
LONGEST_HEADER = 100_000_000  # bytes, as in the format's own library
DESCRIPTIONS = ("rdf.yaml", "bioimageio.yaml")
LONGEST_DESCRIPTION = 2**20  # bytes
EXPECTED = "a `.safetensors` or `.bioimageio.zip` that this workflow exported"
FIX = "ask for one that was made with exports: {networks: [safetensors]}"


def card_in(path):
    """The card (`cards.card_of`) in a file that this workflow exported; an error where there is none."""
    with reading(path, expected=EXPECTED):
        try:
            return _card_in(Path(path))
        except (ValueError, KeyError, TypeError, *DAMAGED_ZIP) as error:
            found = f"no card of a network in it ({_words(error)})"
            raise SynthemError("NETWORK_FILE", path, found, expected=EXPECTED, fix=FIX) from error


def _card_in(path):
    kind = path.suffix.lower()
    if kind not in (".zip", ".safetensors"):
        raise ValueError("its name ends in neither")
    if kind == ".zip":
        with zipfile.ZipFile(path) as package:
            card = (description_of(package).get("config") or {})["synthem"]
    else:
        with path.open("rb") as file:
            card = json.loads(header_of(file)[0].get("__metadata__", {})["synthem"])
    if not isinstance(card, dict):
        raise ValueError("it is no mapping")
    return card


def header_of(file):
    """The header of an open file of safetensors, and at which byte the numbers start."""
    length = int.from_bytes(file.read(LENGTH), "little")
    size, start = file.seek(0, 2), LENGTH + length
    if size < LENGTH or length > LONGEST_HEADER or start > size:
        raise ValueError(f"no safetensors: a header of {length} bytes in a file of {size}")
    file.seek(LENGTH)
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no safetensors: the header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise ValueError("no safetensors: the header names no tensors")
    return header, start


def description_of(package):
    """The description in an open package of bioimage.io, as plain data."""
    files = package.namelist()
    name = next((name for name in DESCRIPTIONS if name in files), None)
    if not name:  # of a package that was cut off, the zip of torch within it may be found
        raise ValueError(f"no {' or '.join(DESCRIPTIONS)} among its {len(files)} files: {files[:2]}")
    import yaml  # here: whoever trains on a machine without it needs no packages of others

    try:
        description = yaml.safe_load(member_of(package, name, most=LONGEST_DESCRIPTION))
    except yaml.YAMLError as error:
        raise ValueError(f"{name} is no YAML") from error
    if not isinstance(description, dict) or description.get("type") != "model":
        raise ValueError(f"{name} describes no model")
    return description


def member_of(package, name, *, most):
    """The bytes of a file of the package, whose size is known before anything is unpacked."""
    if name not in package.namelist():
        raise ValueError(f"{name} is not in the package")
    size = package.getinfo(name).file_size
    if size > most:
        raise ValueError(f"{name} unpacks to {size} bytes (at most {most})")
    with package.open(name) as file:
        return file.read(most)


def _words(error):
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"no {text}" if isinstance(error, KeyError) else text

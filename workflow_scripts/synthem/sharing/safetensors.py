"""The file format safetensors: a header in JSON, then the numbers of all tensors. No code, nothing packed.

Eight bytes (little-endian) say how long the header is: {name: {dtype, shape, data_offsets: [first, end)}}
and `__metadata__` {text: text}; data follows without gaps. So little is not worth a dependency.
"""

import json
from math import prod

import torch

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
WORDS = {dtype: word for word, dtype in DTYPES.items()}
LENGTH = 8  # bytes of the length of the header, which is padded to a multiple of it
LONGEST_HEADER = 100_000_000  # bytes, as in the format's own library


def to_safetensors(weights, metadata):
    """{name: tensor} and {text: text} as bytes: the same for the same weights."""
    # The largest numbers first, so that each tensor starts at a multiple of the size of its numbers.
    ordered = sorted(weights.items(), key=lambda item: (-item[1].element_size(), item[0]))
    header, parts, end = {"__metadata__": metadata}, [], 0
    for name, tensor in ordered:
        part = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        first, end = end, end + len(part)
        header[name] = {
            "dtype": WORDS[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [first, end],
        }
        parts.append(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % LENGTH)
    return b"".join([len(text).to_bytes(LENGTH, "little"), text, *parts])


def from_safetensors(data):
    """({name: tensor}, {text: text}) of the bytes of such a file; ValueError where they are not one."""
    header, start = _header_of(data)
    metadata = header.pop("__metadata__", {})
    weights, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        dtype, shape, (first, last) = (entry[key] for key in ("dtype", "shape", "data_offsets"))
        if dtype not in DTYPES:
            raise ValueError(f"{name} is of type {dtype}, not one of {', '.join(DTYPES)}")
        if first != end or last - first != prod(shape) * DTYPES[dtype].itemsize:
            raise ValueError(f"{name} of {dtype} {shape} lies in bytes {first} to {last}, after byte {end}")
        piece, end = data[start + first : start + last], last
        if len(piece) < last - first:
            raise ValueError(f"{name} lacks {last - first - len(piece)} of its {last - first} bytes")
        values = torch.frombuffer(bytearray(piece), dtype=DTYPES[dtype]) if piece else torch.empty(0)
        weights[name] = values.to(DTYPES[dtype]).reshape(shape)
    if start + end != len(data):
        raise ValueError(f"{len(data) - start - end} bytes follow the last tensor")
    return weights, metadata


def _header_of(data):
    """The header, and where the numbers start."""
    length = int.from_bytes(data[:LENGTH], "little")
    start = LENGTH + length
    if len(data) < LENGTH or length > LONGEST_HEADER or start > len(data):
        raise ValueError(f"no safetensors: a header of {length} bytes in a file of {len(data)}")
    try:
        header = json.loads(data[LENGTH:start])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no safetensors: the header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise ValueError("no safetensors: the header names no tensors")
    return header, start

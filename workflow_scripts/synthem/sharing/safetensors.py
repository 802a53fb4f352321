"""The file format safetensors: a header in JSON, then the numbers of all tensors. No code, nothing packed.

The first eight bytes say how long the header is: {name: {dtype, shape, data_offsets: [first, end)}} and
`__metadata__` {text: text}, padded to a multiple of eight; data follows without gaps. So little is not worth
a dependency.
"""

import json
from io import BytesIO
from math import prod

import torch

from synthem.sharing.headers import LENGTH, header_of

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
    header, start = header_of(BytesIO(data))
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

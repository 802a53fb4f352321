"""The user's files -> the canonical volume."""

import numpy as np

from synthem.sources import as_mask, read_stack
from synthem.splits import split_slices
from synthem.volumes import Volume


def ingest(sources, *, split, content):
    """`sources` is one entry of `volumes` in the config, `content` the hash of its files."""
    image = read_stack(sources["image"])
    return Volume(
        image=image,
        voxel_size_nm=tuple(sources["voxel_size_nm"]),
        masks=read_masks(sources["masks"]),
        labels={name: read_stack(source).astype(np.uint32) for name, source in sources["labels"].items()},
        blocks=split_slices(len(image), **split),
        provenance={"origin": "files", "content": content},
    )


def read_masks(sources):
    """{name: source} -> {name: uint8 {0, 1} [z, y, x]}."""
    return {name: as_mask(read_stack(source)) for name, source in sources.items()}

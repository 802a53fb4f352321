"""The canonical volume: one HDF5 file, the same for every kind of source.

image          uint8 or uint16 [z, y, x] or [z, y, x, c]
masks/<name>   uint8 {0, 1}, 1 = structure
labels/<name>  uint32, 0 = none
ignore/<name>  uint8 {0, 1}, 1 = unknown: neither learnt nor scored; only where there is any
"""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from synthem.storage.arrays import open_arrays, read_slices, reading_hdf5, write_arrays, writing_arrays
from synthem.storage.ignore import blanked


@dataclass(frozen=True)
class Facts:
    """A volume's metadata."""

    voxel_size_nm: tuple  # (z, y, x)
    offset_nm: tuple = (0.0, 0.0, 0.0)  # of the first voxel, where the file has it
    own_stacks: tuple = ()  # (first slice, offset_nm) of stacks of their own, which lie elsewhere
    # "train" | "test" | "unlabelled" -> ranges of slices
    blocks: dict = field(default_factory=dict)
    # {type, scale, offset}: the file's value = stored * scale + offset
    grey: dict = field(default_factory=dict)
    tiles: tuple = ()  # (y, x) of each slice where they differ: the rest of a slice is padding
    linked: bool = True  # neighbouring slices show the same place; tiles are places of their own
    provenance: dict = field(default_factory=dict)  # plain data: where it came from

    def offset_of(self, slice_number):
        """(z, y, x) in nm of the first voxel of a slice, from the origin that the file of its stack has."""
        stacks = ((0, self.offset_nm), *self.own_stacks)
        first, (z, y, x) = max(stack for stack in stacks if stack[0] <= slice_number)
        return z + (slice_number - first) * self.voxel_size_nm[0], y, x

    def stacks(self, depth):
        """Ranges of slices of the main stack and of those of their own, of `depth` slices in all."""
        starts = [0, *(first for first, _ in self.own_stacks)]
        return tuple(zip(starts, [*starts[1:], depth], strict=True))

    def scattered(self, block):
        """Whether slices of the block lie apart, or it has one, in a volume of one place: only sections."""
        ranges = self.blocks.get(block, ())
        alone = len(ranges) == 1 and ranges[0][1] - ranges[0][0] == 1
        return self.linked and (len(ranges) > 1 or alone)

    def linked_in(self, block):
        """Whether each slice of the block lies upon the one before it, so that bodies go on through z."""
        return self.linked and not self.scattered(block)


@dataclass(frozen=True)
class Volume:
    """A volume in memory; every array starts with [z, y, x]."""

    image: np.ndarray
    facts: Facts
    masks: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    ignore: dict = field(default_factory=dict)

    @property
    def voxel_size_nm(self):
        return self.facts.voxel_size_nm

    @property
    def blocks(self):
        return self.facts.blocks


def write_volume(path, volume):
    arrays = {"image": volume.image}
    arrays |= {f"masks/{name}": mask.astype(np.uint8) for name, mask in volume.masks.items()}
    arrays |= {f"labels/{name}": label.astype(np.uint32) for name, label in volume.labels.items()}
    arrays |= {f"ignore/{name}": unknown.astype(np.uint8) for name, unknown in volume.ignore.items()}
    write_arrays(path, arrays, attributes_of(volume.facts, volume.image.ndim))


@contextmanager
def writing_volume(path, kinds, facts):
    """Give `put(name, first, planes)`; kinds {"image" | "masks/<name>" | ...: (shape, dtype)}."""
    with writing_arrays(path, kinds, attributes_of(facts, len(kinds["image"][0]))) as put:
        yield put


def attributes_of(facts, axes):
    return {
        "voxel_size_nm": np.asarray(facts.voxel_size_nm, float),
        "offset_nm": np.asarray(facts.offset_nm, float),
        "own_stacks": json.dumps(facts.own_stacks),
        "axes": "zyxc"[:axes],
        "blocks": json.dumps(facts.blocks, sort_keys=True),
        "grey": json.dumps(facts.grey, sort_keys=True),
        "tiles": json.dumps(facts.tiles),
        "linked": int(facts.linked),
        "provenance": json.dumps(facts.provenance, sort_keys=True),
    }


class StoredVolume:
    """A volume in its open file, to be read slices at a time: any size fits in memory."""

    def __init__(self, file):
        self.file = file
        self.facts = _facts_of(file)
        self.shape, self.dtype = file["image"].shape, file["image"].dtype

    def names(self, group):
        return self.file.names(group)

    def read(self, name, first, end):
        return self.file[name][first:end]


@contextmanager
def open_volume(path):
    with open_arrays(path) as file:
        yield StoredVolume(file)


def read_volume(path, *, block=None, drawn=None, masks=None, labels=None):
    """Read a volume, or only the slices of one block, with all masks and labels or only those named.

    drawn: the ranges of a block that the file does not have, such as labelled slices to validate on.
    """
    with open_arrays(path) as file:
        facts = _facts_of(file)
        if drawn is not None:
            facts = replace(facts, blocks=facts.blocks | {block: drawn})
        slices = facts.blocks[block] if block else None
        named = {"masks": masks, "labels": labels}
        read = {
            group: {
                name: read_slices(file[f"{group}/{name}"], slices) for name in _names(file, group, wanted)
            }
            for group, wanted in named.items()
        }
        unknown = sorted(set(file.names("ignore")) & {*read["masks"], *read["labels"]})
        ignore = {name: read_slices(file[f"ignore/{name}"], slices) for name in unknown}
        return Volume(read_slices(file["image"], slices), facts, **read, ignore=ignore)


def read_ignore(path, name, *, block=None):
    """Where mask or labels `name` are unknown, uint8 {0, 1} [z, y, x]; None where all is known."""
    with open_arrays(path) as file:
        known = name not in file.names("ignore")
        return None if known else read_slices(file[f"ignore/{name}"], block)


def read_labels(path, name, *, block=None):
    """{name: labels uint32 [z, y, x]}, 0 where unknown; empty where the file has none of the name."""
    with open_arrays(path) as file:
        if name not in file.names("labels"):
            return {}
        labels = read_slices(file[f"labels/{name}"], block)
    return {name: blanked(labels, read_ignore(path, name, block=block))}


def read_blocks(path):
    """Which slices may train and which test: {"train": ranges, ...}."""
    return read_facts(path).blocks


def read_facts(path):
    with open_arrays(path) as file:
        return _facts_of(file)


def _facts_of(file):
    with reading_hdf5(file.path):
        return _facts(file.attrs)


def _facts(attributes):
    blocks = json.loads(attributes["blocks"])
    return Facts(
        voxel_size_nm=tuple(float(size) for size in attributes["voxel_size_nm"]),
        offset_nm=tuple(float(size) for size in attributes["offset_nm"]),
        own_stacks=tuple((first, tuple(place)) for first, place in json.loads(attributes["own_stacks"])),
        blocks={name: tuple(tuple(ends) for ends in block) for name, block in blocks.items()},
        grey=json.loads(attributes["grey"]),
        tiles=tuple(tuple(sizes) for sizes in json.loads(attributes["tiles"])),
        linked=bool(attributes["linked"]),
        provenance=json.loads(attributes["provenance"]),
    )


def _names(file, group, wanted):
    return file.names(group) if wanted is None else wanted

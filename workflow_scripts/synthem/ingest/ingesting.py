"""The user's files -> the canonical volume (HDF5), a few planes at a time: any size fits in memory."""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from synthem.ingest.grey import grey_of, surveyed
from synthem.ingest.marks import conversion_of
from synthem.ingest.pieces import (
    blocks_of,
    common_frame,
    filled_up,
    pieces_of,
    placement_in,
    refuse_beyond,
    sizes_of,
    voxel_size_of,
)
from synthem.ingest.resizing import resizing_of
from synthem.labels.numbering import renumbered
from synthem.sources.opening import open_mask, open_stack
from synthem.storage.arrays import writing_arrays
from synthem.storage.volumes import Facts, writing_volume


def ingest(path, volume, *, split, content):
    """Write the canonical volume: `volume` is a filled-in entry of the config, `content` its files' hash."""
    pieces = _pieces(volume, {"masks": "masks/", "labels": "labels/"})
    images = [piece.image for piece in pieces]
    frame, depth = common_frame(images), sum(image.shape[0] for image in images)
    resizing = resizing_in(volume, images)
    with _open_images(pieces) as stacks:
        grey = grey_of(stacks, surveyed(stacks))
    voxel_size_nm = resizing.voxel_size_nm(voxel_size_of(volume, images[0], "voxel_size_nm"))
    depths = {piece.block: piece.image.shape[0] for piece in pieces}
    facts = Facts(
        voxel_size_nm=voxel_size_nm,
        offset_nm=_offset_of(images[0]),
        own_stacks=tuple((piece.first, _offset_of(piece.image)) for piece in pieces[1:]),
        blocks=blocks_of(volume, depths, split, voxel_size_nm),
        grey=grey.facts,
        tiles=_tiles(images, frame, volume["tiles"]),
        linked=not volume["tiles"],
        provenance={"origin": "files", "content": content},
    )
    channels = (3,) if grey.colour else ()
    kinds = {"image": ((depth, *resizing.size, *channels), grey.dtype)}
    kinds |= _kinds(pieces, depth, resizing)
    with writing_volume(path, kinds, facts) as put:
        with _open_images(pieces) as stacks:
            for piece, stack in zip(pieces, stacks, strict=True):
                for first, planes in stack.slabs():
                    whole = filled_up(grey.store(planes), frame)
                    put("image", piece.first + first, resizing.image(whole))
        _write_marks(put, pieces, kinds, resizing)


def withhold(path, volume):
    """The masks under `withheld` -> a file of their own, with `ignore/<name>` where something is unknown."""
    pieces = _pieces(volume, {"withheld": ""})
    images = [piece.image for piece in pieces]
    resizing = resizing_in(volume, images)
    kinds = _kinds(pieces, sum(image.shape[0] for image in images), resizing)
    with writing_arrays(path, kinds, {}) as put:
        _write_marks(put, pieces, kinds, resizing)


def resizing_in(volume, images):
    """What `resize` makes of the slices of all stacks of a volume."""
    frame = common_frame(images)
    return resizing_of(volume, frame, alike=not _tiles(images, frame, volume["tiles"]))


@dataclass(frozen=True)
class Piece:
    """One stack of the volume; `image` is its header: files are open only while they are read."""

    block: str  # that it is; "" is the main stack
    first: int  # its first slice in the volume
    image: object
    layers: dict  # name -> {array: Layer}; only what this stack has


@dataclass(frozen=True)
class Layer:
    """A mask, or labels, of one image."""

    header: object
    conversion: object
    placement: object  # where it lies in the image
    image: object

    @property
    def partial(self):
        """Whether some voxels of the image are unknown in it."""
        whole = (self.placement.slices >= 0).all() and self.header.shape == self.image.shape[:3]
        return len(self.conversion.ignored) > 0 or not whole

    def read(self, stack, first, end):
        """(marks, unknown) [n, y, x] of slices `first` to `end` of the image, in the image's size."""
        size = sizes_of(self.image)[first]
        marks = np.zeros((end - first, *size), self.conversion.dtype)
        unknown = np.ones((end - first, *size), np.uint8)
        y, x = self.placement.y, self.placement.x
        for z, own, count in self.placement.runs(first, end):
            planes = stack.read(own, own + count)
            place = np.s_[z - first : z - first + count, y : y + planes.shape[1], x : x + planes.shape[2]]
            marks[place] = self.conversion.marks(planes)
            not_known = self.conversion.unknown(planes)
            unknown[place] = 0 if not_known is None else not_known
        return marks, unknown


def _pieces(volume, groups):
    """The pieces of a volume with the marks of `groups`: {group of the config: prefix of its arrays}."""
    pieces, first = [], 0
    for block, entry in pieces_of(volume).items():
        with open_stack(entry["image"], tiles=volume["tiles"], light=True) as image:
            refuse_beyond(image, entry["labelled_slices"])
        layers = {name: {} for group in groups for name in volume[group]}
        for group, prefix in groups.items():
            for name in sorted(set(volume[group]) & set(entry.get(group, {}))):
                labelled = entry["labelled_slices"]
                layers[name][prefix + name] = _layer(volume, image, group, entry[group][name], labelled)
        pieces.append(Piece(block, first, image, layers))
        first += image.shape[0]
    return pieces


def _layer(volume, image, group, entry, labelled):
    with open_mask(entry["files"], tiles=volume["tiles"], gaps=bool(labelled)) as stack:
        placement = placement_in(image, stack, voxel_size_of(volume, image, "voxel_size_nm"), labelled)
        return Layer(stack, conversion_of(group, entry, stack, placement), placement, image)


@contextmanager
def _open_again(headers):
    """{key: open stack} for {key: header}."""
    with ExitStack() as files:
        yield {key: files.enter_context(_opened(header)) for key, header in headers.items()}


def _opened(header):
    tiles = header.shapes is not None
    if header.light:  # an image
        return open_stack(header.source, tiles=tiles, light=True)
    return open_mask(header.source, tiles=tiles, gaps=header.gaps)


@contextmanager
def _open_images(pieces):
    with _open_again({piece.block: piece.image for piece in pieces}) as stacks:
        yield list(stacks.values())


def _kinds(pieces, depth, resizing):
    """The arrays of masks, labels and of what is unknown: {array: (shape, dtype)}."""
    kinds, shape = {}, (depth, *resizing.size)
    for name in sorted(pieces[0].layers):
        arrays = _shared_arrays(pieces, name)
        kinds |= {array: (shape, dtype) for array, dtype in arrays.items()}
        whole = all(
            arrays.keys() <= piece.layers[name].keys()
            and not any(layer.partial for layer in piece.layers[name].values())
            and set(sizes_of(piece.image)) == {resizing.frame}
            for piece in pieces
        )
        if not whole:
            kinds[f"ignore/{name}"] = (shape, np.uint8)
    return kinds


def _shared_arrays(pieces, name):
    """{array: type} of a class; no labels where a stack has a mask without them: it is known, but not these.

    A stack that has nothing of the class is unknown.
    """
    found = [piece.layers[name] for piece in pieces]
    return {
        array: layer.conversion.dtype
        for layers in found
        for array, layer in layers.items()
        if not array.startswith("labels/") or all(array in others for others in found if others)
    }


def _write_marks(put, pieces, kinds, resizing):
    frame = resizing.frame
    # Tiles are read one at a time, and the numbers of instances begin anew in each.
    apart = any(piece.image.shapes is not None for piece in pieces)
    highest = {array: 0 for array in kinds if apart and array.startswith("labels/")}
    for name in pieces[0].layers:
        arrays = _shared_arrays(pieces, name)
        for piece in pieces:
            layers = {array: layer for array, layer in piece.layers[name].items() if array in arrays}
            with _open_again({array: layer.header for array, layer in layers.items()}) as stacks:
                for first, end in _slabs(piece.image.shape[0], stacks.values()):
                    lacking = len(layers) < len(arrays)  # then the stack has zeros there, and all is unknown
                    unknown = np.full((end - first, *frame), lacking, np.uint8)
                    for array, stack in stacks.items():
                        marks, not_known = layers[array].read(stack, first, end)
                        if array in highest:
                            marks[0], highest[array] = renumbered(marks[0], highest[array])
                        put(array, piece.first + first, resizing.marks(filled_up(marks, frame)))
                        unknown |= _surrounded(not_known, frame)
                    if f"ignore/{name}" in kinds:
                        put(f"ignore/{name}", piece.first + first, resizing.marks(unknown))


def _slabs(depth, stacks):
    step = max((stack.step for stack in stacks), default=1)
    return [(first, min(first + step, depth)) for first in range(0, depth, step)]


def _surrounded(unknown, frame):
    """Unknown voxels [n, y, x] -> [n, *frame]: all padding is unknown."""
    missing = [(0, whole - size) for whole, size in zip(frame, unknown.shape[1:], strict=True)]
    return np.pad(unknown, [(0, 0), *missing], constant_values=1) if np.any(missing) else unknown


def _offset_of(image):
    """(z, y, x) in nm of the first voxel; an origin of its own where the file has none."""
    return image.offset_nm or (0.0, 0.0, 0.0)


def _tiles(images, frame, tiles):
    """(y, x) of each slice, where there are tiles or padding."""
    sizes = [tuple(int(length) for length in size) for image in images for size in sizes_of(image)]
    return tuple(sizes) if tiles or set(sizes) != {tuple(frame)} else ()

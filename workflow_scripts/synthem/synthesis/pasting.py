"""Copy-paste: objects cut out of labelled slices and pasted into others (Ghiasi et al. 2021).

An object is turned at random and pasted with a narrow border that fades into the slice, where it covers no
other object and crosses no membrane. Of several such places it takes the one that is most like the border
it was cut out with. It is as bright against its new slice as it was against its own: matched to its new
surroundings instead, mitochondria vary twice as much in brightness as real ones.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from skimage.measure import label as connected

from synthem.intensity import slice_statistics, standardise
from synthem.log import say
from synthem.seeds import generator
from synthem.synthesis.masks import source_of, symmetries, turned
from synthem.synthesis.pairs import MEMBRANE, made_pairs, slices_at, source_slices_of

BORDER = 3  # pixels: two around the object are cut out with it, and fade into the slice
LEAST_AREA = 16  # pixels of an object: fewer are specks of a label
CHOICES, TRIES = 20, 400  # free places that an object chooses from; places that are tried at most


class Cutout(NamedTuple):
    """An object with its border, cut out of a slice."""

    levels: np.ndarray  # float32 [y, x] or [y, x, C]: grey levels, standardised like the whole slice
    distance: np.ndarray  # [y, x]: pixels to the object, 0 in it

    @property
    def inside(self):
        return self.distance == 0

    @property
    def covered(self):
        return self.distance < BORDER

    def turned(self, turn):
        return Cutout(*(turned(part, turn) for part in self))


def pasted_pairs(volume, *, structure, slices, seed):
    """So many slices made of those of a volume, each with as many objects more as they have on average."""
    depth, *shape = volume.image.shape[:3]
    mean, deviation = slice_statistics(volume.image)
    turns = symmetries(shape, volume.voxel_size_nm[1:])
    cutouts, count = [], 0
    for z in range(depth):
        numbered = objects_of(volume, structure, z)
        seen = standardise(volume.image[z], mean[z], deviation[z])
        cutouts += cutouts_of(seen, numbered, _unknown(volume, z))
        count += len(np.unique(numbered)) - 1
    sources = [source_of(n, depth, seed) for n in range(slices)]
    made = made_pairs(
        slices_at(volume, sources),
        origin="copy_paste",
        sources=[source_slices_of(volume)[z] for z in sources],
    )
    pasted = 0
    for n, z in enumerate(sources):
        rng = generator(seed, "copy_paste", n)
        wanted = rng.integers(len(cutouts), size=max(1, round(count / depth))) if cutouts else []
        drawn = [cutouts[number].turned(rng.integers(turns)) for number in wanted]
        seen = standardise(volume.image[z], mean[z], deviation[z])
        places = paste_all(drawn, seen, _full(volume, structure, z), rng)
        levels = np.iinfo(made.image.dtype)
        made.image[n] = np.clip(np.rint(seen * deviation[z] + mean[z]), levels.min, levels.max)
        for cutout, place in places:
            made.masks[structure][n][place][cutout.inside] = 1
            for numbers in made.labels.values():
                numbers[n][place][cutout.inside] = numbers[n].max() + 1
        pasted += len(places)
    say(f"{len(cutouts)} objects cut out; {pasted} pasted into {slices} slices")
    return made


def objects_of(volume, structure, z):
    """The objects of a slice, numbered: instances where they are known, else connected parts."""
    source = volume.labels if structure in volume.labels else volume.masks
    numbered = connected(source[structure][z], background=0, connectivity=2)
    return np.where(np.bincount(numbered.ravel())[numbered] < LEAST_AREA, 0, numbered)


def cutouts_of(seen, numbered, unknown):
    """The numbered objects of a slice that are whole, known and apart from others, as Cutouts.

    seen: the standardised slice [Y, X] or [Y, X, C]; numbered and unknown [Y, X].
    """
    found = []
    for number, box in enumerate(ndimage.find_objects(numbered), 1):
        box = _with_border(box, numbered.shape)
        if box:
            inside = numbered[box] == number
            cutout = Cutout(seen[box], ndimage.distance_transform_edt(~inside))
            others = (numbered[box] > 0) & ~inside | unknown[box]
            if not (others & cutout.covered).any():
                found.append(cutout)
    return found


def paste_all(cutouts, seen, full, rng):
    """Paste them into a standardised slice, in place; (cutout, its place) of those for which there is room.

    full [Y, X]: where nothing can be pasted, which grows.
    """
    pasted = []
    for cutout in cutouts:
        place = place_for(cutout, seen, full, rng)
        if place:
            opaque = np.clip(1 - cutout.distance / BORDER, 0, 1)
            opaque = opaque.reshape(opaque.shape + (1,) * (seen.ndim - 2))
            seen[place] += opaque * (cutout.levels - seen[place])
            full[place] |= cutout.covered
            pasted.append((cutout, place))
    return pasted


def place_for(cutout, seen, full, rng):
    """Where in a slice to paste it; None where there is no room."""
    size = cutout.distance.shape
    room = [length - side + 1 for length, side in zip(full.shape, size, strict=True)]
    if min(room) < 1:  # turned, it is wider than the slice
        return None
    border = cutout.covered & ~cutout.inside
    free = []
    for y, x in rng.integers(room, size=(TRIES, 2)):
        place = (slice(y, y + size[0]), slice(x, x + size[1]))
        if not (full[place] & cutout.covered).any():
            unlike = float(((seen[place][border] - cutout.levels[border]) ** 2).mean())
            free.append((unlike, place))
            if len(free) == CHOICES:
                break
    return min(free, key=lambda choice: choice[0])[1] if free else None


def _full(volume, structure, z):
    """Where nothing can be pasted into a slice, bool [Y, X]: objects, membranes, what is unknown."""
    masks = [volume.masks[name][z] > 0 for name in (structure, MEMBRANE) if name in volume.masks]
    return np.any([*masks, _unknown(volume, z)], axis=0)


def _unknown(volume, z):
    return np.any(
        [np.zeros(volume.image.shape[1:3], bool), *(ignore[z] > 0 for ignore in volume.ignore.values())],
        axis=0,
    )


def _with_border(box, shape):
    """A box with a border; None where that does not lie in the slice, or where there is no box."""
    if box is None:
        return None
    sides = [(side.start - BORDER, side.stop + BORDER) for side in box]
    if any(first < 0 or end > length for (first, end), length in zip(sides, shape, strict=True)):
        return None
    return tuple(slice(*side) for side in sides)

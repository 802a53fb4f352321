"""Does a generator copy what it was trained on? The grain of its patches, searched for in training slices.

Two places of a tissue may look alike; their grain (noise of the detector, stain) is the same in copies alone.
"""

import numpy as np
from scipy import fft
from scipy.ndimage import gaussian_filter

GRAIN_PX = 2  # sigma: what is smoother (brightness, the inside of structures) is taken away
EDGE = 3 * GRAIN_PX  # of a patch, whose grain depends on what lies beyond it
LEAST_DEVIATION = 1.0  # grey levels: weaker grain is not enlarged, so that flat images match nothing
MOST_SEARCHED = 64  # patches of a block: each is held against every place of every slice, in eight ways
ROOM = 2**28  # bytes for the transforms of the pieces that are searched for together


def measure_copies(painted, unseen, learnt, *, workers):
    """How like the most similar place of all training slices each image is, painted on masks of a block.

    painted {block: uint8 [n, Y, X(, C)]}; unseen: the real patches of the test block that belong to its
    masks; learnt: the training slices. -> {name: correlations [n]}. `test/unseen` are those of the real
    patches, which cannot be copies; `test/own` those of images on unseen masks with the real image of the
    very place: what a mask alone fixes.
    """
    painted = {block: grain_of(images[:MOST_SEARCHED]) for block, images in painted.items()}
    unseen, sides = unseen[:MOST_SEARCHED], learnt.shape[1:3]
    real = in_the_spectrum_of(painted["test"], grain_of(unseen))
    sought = {f"{block}/match": grain for block, grain in painted.items()} | {"test/unseen": real}
    found = {
        name: best_matches(pieces_of(grain, sides), learnt, turned=True, workers=workers)
        for name, grain in sought.items()
    }
    own = [
        best_matches(piece[None], place[None], turned=False, workers=workers)
        for piece, place in zip(pieces_of(painted["test"], sides), unseen, strict=True)
    ]
    return found | {"test/own": np.concatenate(own)}


def grain_of(images):
    """Patches or slices [n, Y, X] or [n, Y, X, C] -> float32 [n, Y, X]: each less its own blur.

    Colours are averaged.
    """
    planes = (images if images.ndim == 3 else images.mean(axis=-1)).astype(np.float32)
    return np.stack([plane - gaussian_filter(plane, GRAIN_PX, truncate=EDGE / GRAIN_PX) for plane in planes])


def pieces_of(grain, within):
    """The inner squares of the grain of patches [n, Y, X], no larger than slices (Y, X): [n, y, y]."""
    side = min(*grain.shape[1:], *within)
    edge = min(EDGE, side // 4)
    return grain[:, edge : side - edge, edge : side - edge]


def best_matches(pieces, slices, *, turned, workers):
    """The largest correlation of each piece of grain [n, y, y] with that of any place in slices: float64 [n].

    It is Pearson's, 1 for a copy. turned: as trainings show patches, in all eight ways to lay them down.
    slices: images [m, Y, X(, C)]; workers: threads.
    """
    ways = np.concatenate(list(_turned(pieces)) if turned else [pieces])
    ways = ways - ways.mean(axis=(1, 2), keepdims=True)
    least = LEAST_DEVIATION**2 * ways[0].size
    ways /= np.sqrt(np.maximum((ways**2).sum(axis=(1, 2), keepdims=True), least))
    shape = [fft.next_fast_len(length, real=True) for length in slices.shape[1:3]]
    together = max(1, ROOM // (4 * shape[0] * shape[1]))
    best = np.zeros(len(ways))
    for first in range(0, len(ways), together):
        some = slice(first, first + together)
        sought = fft.rfft2(ways[some], s=shape, workers=workers).conj()
        for number in range(len(slices)):
            (grain,) = grain_of(slices[number : number + 1])
            found = _found_in(grain, sought, shape=shape, side=ways.shape[1], least=least, workers=workers)
            best[some] = np.maximum(best[some], found)
    return best.reshape(-1, len(pieces)).max(axis=0)


def in_the_spectrum_of(painted, real):
    """Grain of real patches [n, Y, X], made as smooth or as rough as that of painted ones: float32 [n, Y, X].

    Smooth images match real slices better than real ones do, half of whose grain is noise of their own: a
    generator that blurs would be taken for one that copies. So real patches are filtered to the mean spectrum
    of the painted ones, ring by ring of frequencies, before both are held against each other.
    """
    shape = real.shape[1:]
    rings = _rings(shape)
    powers = [
        np.bincount(rings.ravel(), (np.abs(fft.rfft2(grain)) ** 2).mean(axis=0).ravel())
        for grain in (painted, real)
    ]
    gain = np.sqrt(np.divide(*powers, out=np.zeros_like(powers[0]), where=powers[1] > 0))
    return fft.irfft2(fft.rfft2(real) * gain[rings].astype(np.float32), s=shape)


def _turned(pieces):
    for quarters in range(4):
        turned = np.rot90(pieces, quarters, axes=(1, 2))
        yield turned
        yield turned[:, :, ::-1]


def _found_in(grain, sought, *, shape, side, least, workers):
    """The largest correlation of pieces, by the conjugates of their transforms, in the grain of a slice: [n].

    A transform wraps round: places where a piece would leave the slice do not count.
    """
    scale = 1 / np.sqrt(np.maximum(_squares_in_windows(grain, side), least))
    slice_itself = fft.rfft2(grain, s=shape, workers=workers)
    best = np.empty(len(sought))
    for number, transform in enumerate(sought):
        sums = fft.irfft2(slice_itself * transform, s=shape, workers=workers, overwrite_x=True)
        correlations = sums[: scale.shape[0], : scale.shape[1]]
        correlations *= scale
        best[number] = correlations.max()
    return best


def _squares_in_windows(grain, side):
    """Sums of squared deviations from the mean in each square of a plane [Y, X]: float32, by its corner."""
    ones, squares = (_sums_in_windows(grain.astype(np.float64) ** power, side) for power in (1, 2))
    return (squares - ones**2 / side**2).astype(np.float32)


def _sums_in_windows(plane, side):
    sums = np.pad(plane, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    rows = sums[side:] - sums[:-side]
    return rows[:, side:] - rows[:, :-side]


def _rings(shape):
    """The ring of frequencies, two steps wide, of each place in the transform of a patch [Y, X]."""
    frequencies = np.hypot(fft.fftfreq(shape[0])[:, None], fft.rfftfreq(shape[1]))
    return np.rint(frequencies * min(shape) / 2).astype(int)

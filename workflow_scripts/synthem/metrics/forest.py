"""A random forest on filter responses of slices, as in ilastik (Berg 2019): what a network has to beat.

Each pixel is judged by the responses of some filters there: no network, no GPU, minutes of labelling. Memory
is that of one tile and of the pixels to learn from, whatever the size of the volume; same seed, same bits,
whatever the number of threads.
"""

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from synthem.kernels.threads import each_slice
from synthem.metrics.responses import FEATURES, SIGMAS_PX, WINDOW, responses
from synthem.metrics.shapes import check_shapes
from synthem.metrics.trivial import grey_of
from synthem.seeds import derived_seed, generator
from synthem.storage.ignore import plane

THRESHOLDS = tuple(step / 20 for step in range(2, 19))  # of the share of trees, to be tried
TILE = 512  # pixels on a side, whose responses are in memory together


class Forest:
    """Learns a mask on some slices, and marks it on others."""

    def __init__(self, *, trees, pixels, seed, threads):
        """pixels: so many are drawn at most, of all labelled slices together, to learn from."""
        self.pixels, self.seed, self.threads = pixels, seed, threads
        self.trees = RandomForestClassifier(
            n_estimators=trees,
            random_state=derived_seed(seed, "forest") % 2**32,
            n_jobs=threads,
            oob_score=True,
        )
        self.threshold = 0.5

    def learn(self, image, truth, ignore=None):
        """image uint8 or uint16 [Z, Y, X(, C)], truth {0, 1} and ignore {0, 1} or None [Z, Y, X]."""
        grey = grey_of(image)
        check_shapes(truth, image=grey, ignore=ignore)
        pixels = self._drawn(len(grey), [np.flatnonzero(_known(truth, ignore, z)) for z in range(len(grey))])
        taught = each_slice(lambda z: _responses_at(grey[z], pixels[z]), len(grey), self.threads)
        marked = [truth[z].ravel()[pixels[z]] > 0 for z in range(len(grey))]
        self.trees.fit(np.concatenate(taught), np.concatenate(marked))
        self.threshold = self._best_threshold(np.concatenate(marked))
        self.trees.n_jobs = 1  # sums over trees in their order; threads have a slice each

    def mask(self, image):
        """Mask uint8 {0, 1} [Z, Y, X]."""
        grey = grey_of(image)
        found = np.zeros(grey.shape, np.uint8)

        def mark(z):
            for window, inner, place in _tiles(grey.shape[1:]):
                seen = responses(grey[z][window])[:, inner[0], inner[1]]
                found[z][place] = self._inside(seen.reshape(FEATURES, -1).T).reshape(seen.shape[1:])

        each_slice(mark, len(grey), self.threads)
        return found

    def _inside(self, rows):
        return (self._share(self.trees.predict_proba(rows)) >= self.threshold).astype(np.uint8)

    def _share(self, votes):
        """The share of trees for the structure; 0 where none was taught anything of it."""
        classes = list(self.trees.classes_)
        return votes[:, classes.index(True)] if True in classes else np.zeros(len(votes))

    def _best_threshold(self, marked):
        """The best threshold of the pixels it learnt from, by IoU, judged by trees that have not seen them.

        Where the structure is rare, half of the trees is too many. Ties go to the one nearest to 0.5.
        """
        share = np.nan_to_num(self._share(self.trees.oob_decision_function_))
        ious = {
            low: np.sum((share >= low) & marked) / max(np.sum((share >= low) | marked), 1)
            for low in THRESHOLDS
        }
        return max(THRESHOLDS, key=lambda low: (ious[low], -abs(low - 0.5)))

    def _drawn(self, depth, known):
        """Pixels to learn from: an even share of the known ones of each slice."""
        most = max(self.pixels // depth, 1)
        return [
            np.sort(generator(self.seed, "forest", z).permutation(pixels)[:most])
            for z, pixels in enumerate(known)
        ]


def _responses_at(grey, pixels):
    """float32 [pixels, FEATURES] at flat places of a slice, in their order."""
    found = np.empty((len(pixels), FEATURES), np.float32)
    y, x = np.unravel_index(pixels, grey.shape)
    for window, inner, place in _tiles(grey.shape):
        here = (place[0].start <= y) & (y < place[0].stop) & (place[1].start <= x) & (x < place[1].stop)
        if here.any():
            seen = responses(grey[window])[:, inner[0], inner[1]]
            found[here] = seen[:, y[here] - place[0].start, x[here] - place[1].start].T
    return found


def _tiles(shape):
    """(what filters see, which part of it counts, where that lies), pairs of slices: as if of the whole."""
    reach = int(4 * (1 + WINDOW) * max(SIGMAS_PX)) + 4  # scipy cuts Gaussians at 4 sigmas, rounded
    for y in range(0, shape[0], TILE):
        for x in range(0, shape[1], TILE):
            place = tuple(slice(low, min(low + TILE, end)) for low, end in zip((y, x), shape, strict=True))
            window = tuple(
                slice(max(side.start - reach, 0), min(side.stop + reach, end))
                for side, end in zip(place, shape, strict=True)
            )
            inner = tuple(
                slice(side.start - seen.start, side.stop - seen.start)
                for side, seen in zip(place, window, strict=True)
            )
            yield window, inner, place


def _known(truth, ignore, z):
    unknown = plane(ignore, z)
    return np.ones(truth.shape[1:], bool) if unknown is None else unknown == 0

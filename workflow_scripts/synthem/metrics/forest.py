"""A random forest on filter responses of slices, as in ilastik (Berg 2019): what a network has to beat.

Each pixel is judged by the responses of some filters there: no network, no GPU, minutes of labelling. Memory
is that of one tile and of the pixels to learn from, whatever the size of the volume; same seed, same bits,
whatever the number of threads.
"""

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from synthem.kernels.filtering import Filters
from synthem.kernels.threads import each_slice
from synthem.kernels.voting import trees_of, voted
from synthem.metrics.responses import FEATURES, SIGMAS_PX, WINDOW
from synthem.metrics.shapes import check_shapes
from synthem.metrics.trivial import grey_of
from synthem.seeds import derived_seed, generator
from synthem.storage.ignore import plane

THRESHOLDS = tuple(step / 20 for step in range(2, 19))  # of the share of trees, to be tried
TILE = 512  # pixels on a side, whose responses are in memory together
ALONE = 650  # pixels of a slice that are filtered in the time in which one is alone, with what lies around it
FILTERS = Filters(SIGMAS_PX, WINDOW)  # those of `responses`, bit for bit


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

        def teach(z):
            pixels = self._drawn(z, np.flatnonzero(_known(truth, ignore, z)), len(grey))
            return _responses_at(grey[z], pixels), truth[z].ravel()[pixels] > 0

        taught, marked = map(np.concatenate, zip(*each_slice(teach, len(grey), self.threads), strict=True))
        self.trees.fit(taught, marked)
        self.threshold = self._best_threshold(marked)

    def mask(self, image):
        """Mask uint8 {0, 1} [Z, Y, X]."""
        grey, trees = grey_of(image), trees_of(self.trees, self._kind())
        found = np.zeros(grey.shape, np.uint8)

        def mark(z):
            picture = _filtered_as(grey[z])
            for rows, columns in _tiles(picture.shape):
                seen = FILTERS.of_tile(picture, rows, columns)
                marked = voted(seen.reshape(FEATURES, -1), trees, self.threshold)
                found[z, rows, columns] = marked.reshape(seen.shape[1:])

        each_slice(mark, len(grey), self.threads)
        return found

    def _kind(self):
        """Which of the classes is the structure; None where no tree was taught anything of it."""
        classes = list(self.trees.classes_)
        return classes.index(True) if True in classes else None

    def _best_threshold(self, marked):
        """The best threshold of the pixels it learnt from, by IoU, judged by trees that have not seen them.

        Where the structure is rare, half of the trees is too many. Ties go to the one nearest to 0.5.
        """
        kind, unseen = self._kind(), self.trees.oob_decision_function_
        share = np.zeros(len(unseen)) if kind is None else np.nan_to_num(unseen[:, kind])
        ious = {
            low: np.sum((share >= low) & marked) / max(np.sum((share >= low) | marked), 1)
            for low in THRESHOLDS
        }
        return max(THRESHOLDS, key=lambda low: (ious[low], -abs(low - 0.5)))

    def _drawn(self, z, known, depth):
        """Pixels of a slice to learn from: of the known ones as many as of each of the `depth` slices."""
        most = max(self.pixels // depth, 1)
        return np.sort(generator(self.seed, "forest", z).permutation(known)[:most])


def _responses_at(grey, pixels):
    """float32 [pixels, FEATURES] at flat places of a slice, in their order."""
    picture, (y, x) = _filtered_as(grey), np.unravel_index(pixels, grey.shape)
    if len(pixels) * ALONE < grey.size:
        return FILTERS.at(picture, y, x)
    found = np.empty((len(pixels), FEATURES), np.float32)
    for rows, columns in _tiles(grey.shape):
        here = (rows.start <= y) & (y < rows.stop) & (columns.start <= x) & (x < columns.stop)
        if here.any():
            seen = FILTERS.of_tile(picture, rows, columns)
            found[here] = seen[:, y[here] - rows.start, x[here] - columns.start].T
    return found


def _filtered_as(grey):
    return np.ascontiguousarray(grey, np.float32)


def _tiles(shape):
    """Rows and columns (slices) of the tiles of a slice."""
    for y in range(0, shape[0], TILE):
        for x in range(0, shape[1], TILE):
            yield slice(y, min(y + TILE, shape[0])), slice(x, min(x + TILE, shape[1]))


def _known(truth, ignore, z):
    unknown = plane(ignore, z)
    return np.ones(truth.shape[1:], bool) if unknown is None else unknown == 0

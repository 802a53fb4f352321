"""Mean and deviation of filter responses in a patch: features of images that need no trained network."""

import numpy as np

from synthem.metrics.responses import SIGMAS_PX, responses

OF_SIGMA = ("smooth", "laplacian", "gradient", "tensor_large", "tensor_small", "bend_large", "bend_small")
MAPS = ("grey", *(f"{name}_{sigma}" for sigma in SIGMAS_PX for name in OF_SIGMA))
# The mean of a smoothed patch is that of the patch, and the Laplacian is the sum of the two bends.
WITHOUT_MEAN = ("smooth", "laplacian")
NAMES = (
    *(f"mean_{name}" for name in MAPS if not name.startswith(WITHOUT_MEAN)),
    *(f"deviation_{name}" for name in MAPS),
)


def features_of(images):
    """Patches uint8 [n, Y, X] or [n, Y, X, C] -> float64 [n, len(NAMES)], in their order.

    Means and standard deviations, over each patch, of the filter responses (`metrics.responses`). Colours are
    averaged.
    """
    chosen = [number for number, name in enumerate(MAPS) if not name.startswith(WITHOUT_MEAN)]
    rows = np.empty((len(images), len(NAMES)))
    for image, row in zip(images, rows, strict=True):
        found = responses(image if image.ndim == 2 else image.mean(axis=-1)).astype(np.float64)
        means, deviations = found.mean(axis=(1, 2)), found.std(axis=(1, 2))
        row[:] = np.concatenate([means[chosen], deviations])
    return rows


def standardised(features, real):
    """Features [n, F] in standard deviations from their means over real patches [m, F].

    A feature that is constant there keeps its unit.
    """
    deviation = real.std(axis=0)
    return (features - real.mean(axis=0)) / np.where(deviation > 0, deviation, 1)

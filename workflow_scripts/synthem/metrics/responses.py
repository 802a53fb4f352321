"""Features of each pixel at several scales, as in ilastik: Gaussian, Laplacian, gradient, eigenvalues."""

import numpy as np
from scipy import ndimage

SIGMAS_PX = (0.7, 1.6, 3.5, 7.0)  # of the filters, within the slice
WINDOW = 0.5  # of the window of the structure tensor, in parts of sigma
FEATURES = 1 + 7 * len(SIGMAS_PX)


def responses(grey):
    """Grey levels [Y, X] -> float32 [FEATURES, Y, X].

    The levels, and at each sigma: Gaussian, Laplacian of Gaussian, gradient magnitude, the eigenvalues of the
    structure tensor and of the Hessian (the larger first). Derivatives are differences of the Gaussian:
    sampled derivatives of a narrow one would answer to the level itself.
    """
    grey = grey.astype(np.float32)
    found = [grey]
    for sigma in SIGMAS_PX:
        smooth = ndimage.gaussian_filter(grey, sigma)
        dy, dx = (_slope(smooth, axis) for axis in (0, 1))
        yy, yx, xx = _bend(smooth, 0), _slope(dx, 0), _bend(smooth, 1)
        tensor = (ndimage.gaussian_filter(part, WINDOW * sigma) for part in (dy * dy, dy * dx, dx * dx))
        found += [smooth, yy + xx, np.hypot(dy, dx), *eigenvalues(*tensor), *eigenvalues(yy, yx, xx)]
    return np.stack(found)


def _slope(grey, axis):
    return ndimage.correlate1d(grey, [-0.5, 0, 0.5], axis)


def _bend(grey, axis):
    return ndimage.correlate1d(grey, [1, -2, 1], axis)


def eigenvalues(yy, yx, xx):
    """The larger and the smaller eigenvalue of the symmetric matrix [[yy, yx], [yx, xx]] of each pixel."""
    middle, apart = (yy + xx) / 2, np.hypot((yy - xx) / 2, yx)
    return middle + apart, middle - apart

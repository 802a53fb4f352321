"""Structure maps: what a picture shows, in black and white, for a generator to see (Allender, about 2020)."""

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError

MIDDLE = 128  # of `fixed`: half of the grey levels of a byte
NEIGHBOURHOOD = 8.0  # of `adaptive`: pixels, the deviation of the Gaussian around each
SMOOTHING = 2.0  # of `canny`: pixels, the deviation of the Gaussian before
EDGES = (0.8, 0.9)  # of `canny`: a line begins at the steepest 10 % and goes on through the steepest 20 %
LUMINANCE = (0.2125, 0.7154, 0.0721)  # of red, green, blue (ITU-R BT.709)


def structure_maps(image, method, *, sizes, where):
    """The map {0, 1} uint8 [z, y, x] of each slice by itself: image uint8 [z, y, x] or [z, y, x, c].

    1 = dark, as what is stained is in electron and light microscopy, or an edge. sizes: (y, x) of each slice,
    beyond which there is only padding, and the map is 0; where: what each slice is called in an error.
    """
    maps = np.zeros(image.shape[:3], np.uint8)
    for plane, drawn, (height, width), name in zip(image, maps, sizes, where, strict=True):
        grey = luminance(plane[:height, :width])
        found = METHODS[method](grey) if grey.min() < grey.max() else np.zeros(grey.shape, bool)
        if found.all() or not found.any():
            raise _one_class(name, method, grey)
        drawn[:height, :width] = found
    return maps


def luminance(plane):
    """uint8 [Y, X], or [Y, X, C] in colour -> uint8 [Y, X]."""
    if plane.ndim == 2:
        return plane
    weights = LUMINANCE if plane.shape[2] == 3 else np.full(plane.shape[2], 1 / plane.shape[2])
    return np.rint(plane @ np.asarray(weights)).astype(np.uint8)


def below_otsu(grey):
    """Dark by the threshold that parts the grey levels of this image best (Otsu 1979)."""
    from skimage.filters import threshold_otsu

    return grey <= threshold_otsu(grey)


def below_the_middle(grey):
    """Dark by one threshold for all images."""
    return grey < MIDDLE


def below_its_surroundings(grey):
    """Darker than the mean around, so that the light may change over the image."""
    around = ndimage.gaussian_filter(grey.astype(np.float32), NEIGHBOURHOOD, mode="reflect")
    return grey < np.rint(around)


def on_an_edge(grey):
    """Lines one pixel wide where the grey level changes most (Canny 1986)."""
    from skimage.feature import canny

    low, high = EDGES
    return canny(
        grey.astype(np.float32), SMOOTHING, low_threshold=low, high_threshold=high, use_quantiles=True
    )


# The one place that turns the config's word, `structure:<word>`, into a map.
METHODS = {
    "otsu": below_otsu,
    "fixed": below_the_middle,
    "adaptive": below_its_surroundings,
    "canny": on_an_edge,
}


def _one_class(name, method, grey):
    return SynthemError(
        "DATA_VALUE",
        name,
        f"grey levels {grey.min()} to {grey.max()} of 255, of which structure:{method} makes one class",
        expected="an image with two classes: dark and light, or edges and the rest",
        fix="leave the slice out of labelled_slices, or name another structure map in gans.conditions",
    )

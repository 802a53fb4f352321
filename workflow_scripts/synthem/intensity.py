"""What a network sees of images and masks, in training and in use."""

import numpy as np

from synthem.errors import SynthemError


def slice_statistics(image):
    """Mean and deviation of each slice: image [Z, Y, X] -> two float32 [Z]; [Z, Y, X, C] -> two [Z, C].

    Networks see every slice standardised by its own mean and deviation. Not by the volume's: sections
    differ in staining and exposure, and a network that moves from one microscope to another must not
    meet a brightness that it never saw. Not by the patch's: a patch full of mitochondria is dark
    because it is full of mitochondria, and a patch would not look like the same place in a whole slice.
    """
    mean = np.array([plane.mean(axis=(0, 1), dtype=np.float64) for plane in image], np.float32)
    deviation = np.array([plane.std(axis=(0, 1), dtype=np.float64) for plane in image], np.float32)
    deviation[deviation == 0] = 1  # a blank section becomes zeros
    return mean, deviation


def unit_statistics(image):
    """Constants in the place of `slice_statistics`, with which `standardise` is `to_unit`."""
    middle = np.full((len(image), *image.shape[3:]), 127.5, np.float32)
    return middle, middle


# The one place that turns how a network sees grey levels into what `standardise` needs for each slice.
GREYS = {"standardised": slice_statistics, "unit": unit_statistics}


def standardise(plane, mean, deviation):
    """Grey levels -> float32 with mean 0 and deviation 1 over the slice that the statistics are of."""
    return (plane.astype(np.float32) - np.float32(mean)) / np.float32(deviation)


def network_input(plane, mean, deviation, conditions):
    """A segmenter's channels: image plane [Y, X] or [Y, X, C], then known masks [M, Y, X], as float32."""
    seen = colours_first(standardise(plane, mean, deviation))
    return np.concatenate([seen, conditions.astype(np.float32)])


def colours_first(plane):
    """[Y, X] -> [1, Y, X]; [Y, X, C] -> [C, Y, X]."""
    return plane[None] if plane.ndim == 2 else np.moveaxis(plane, -1, 0)


def colours_last(channels):
    """[1, Y, X] -> [Y, X]; [C, Y, X] -> [Y, X, C]: a plane as images store it."""
    return channels[0] if len(channels) == 1 else np.moveaxis(channels, 0, -1)


def network_conditions(masks):
    """A generator's channels: masks {0, 1} -> float32 {-1, 1}."""
    return masks.astype(np.float32) * 2 - 1


def as_bytes(image):
    """Image -> uint8 of the same shape; each slice of a uint16 camera by its own range, not by its type's.

    So a slice looks the same whichever others are there: to a generator that learns from it, to what
    measures generated images against it, and to people who are asked which is which.
    """
    if image.dtype == np.uint8:
        return image
    scaled = np.empty(image.shape, np.uint8)
    for plane, out in zip(image, scaled, strict=True):  # slice by slice: no float copy of the volume
        low, high = np.percentile(plane, (0.1, 99.9))
        out[:] = np.clip(np.rint((plane - low) * (255 / max(high - low, 1))), 0, 255)
    return scaled


def levels_for(greys, image):
    """The image in the form that GREYS[greys] takes: bytes for `unit`."""
    return image if greys == "standardised" else as_bytes(image)


def refuse_to_package(dtype):
    """An error for a network that sees `unit`, of other images than bytes: bioimage.io has no `as_bytes`."""
    if dtype != np.uint8:
        found = f"bioimageio, with {np.dtype(dtype)} images and a network that sees 8 bits"
        fix = "leave bioimageio out, or convert the images to 8 bits"
        raise SynthemError(
            "CONFIG_CONTRADICTION", "exports.networks", found, expected="8-bit images", fix=fix
        )


def to_unit(plane):
    """uint8 -> float32 in [-1, 1], the range of a generator's tanh."""
    return plane.astype(np.float32) / np.float32(127.5) - np.float32(1)


def from_unit(plane):
    """float in [-1, 1] -> uint8."""
    return np.clip(np.rint((plane + 1) * 127.5), 0, 255).astype(np.uint8)

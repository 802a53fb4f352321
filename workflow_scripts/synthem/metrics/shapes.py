"""Checks that arrays to be compared have the same shape."""

from synthem.errors import SynthemError


def check_shapes(truth, **arrays):
    """Refuse arrays of another shape than the truth; None is no array."""
    for name, array in arrays.items():
        if array is not None and array.shape != truth.shape:
            raise SynthemError(
                "DATA_SHAPE",
                name,
                f"shape {array.shape}",
                expected=f"the shape of the truth, {truth.shape}",
                fix="compare arrays of the same slices",
            )

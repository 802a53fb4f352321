"""Voxel sizes in nm from the units that microscopy files use."""

import math

import numpy as np

NM = {
    1e-3: ("pm", "picometer"),
    0.1: ("å", "\\u00c5", "angstrom"),
    1: ("nm", "nanometer", "nanometre"),
    1e3: ("um", "µm", "μm", "\\u00b5m", "micron", "micrometer", "micrometre"),  # two letters that look alike
    1e6: ("mm", "millimeter", "millimetre"),
    1e9: ("m",),
}
OF_UNIT = {word: nm for nm, words in NM.items() for word in words}


def size_nm(values, units):
    """(z, y, x) in nm, or None where a value or its unit is absent, unknown or senseless."""
    try:
        sizes = tuple(
            float(value) * OF_UNIT[unit.strip().lower().removesuffix("s")]
            for value, unit in zip(values, units, strict=True)
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    sensible = len(sizes) == 3 and all(math.isfinite(size) and size > 0 for size in sizes)
    return sizes if sensible else None


def in_attributes(attributes):
    """(voxel_size_nm, offset_nm), (z, y, x) or None, as CREMI, ilastik and elf note them at an array."""
    resolution, offset = (_triple(attributes.get(name)) for name in ("resolution", "offset"))
    size = size_nm(
        resolution or _triple(attributes.get("element_size_um")), ["nm" if resolution else "um"] * 3
    )
    return size, offset


def _triple(values):
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return None
    return tuple(array.tolist()) if array.shape == (3,) and np.isfinite(array).all() else None

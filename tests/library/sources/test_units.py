import numpy as np
import pytest

from synthem.sources.units import in_attributes, size_nm


@pytest.mark.parametrize(
    "unit, nm",
    [("nm", 1), ("um", 1000), ("µm", 1000), ("μm", 1000), ("micron", 1000), ("Microns", 1000), ("mm", 1e6)]
    + [("Å", 0.1), ("\u212b", 0.1), ("pm", 0.001), ("nanometers", 1), ("micrometer", 1e3), ("angstrom", 0.1)],
)  # fmt: skip
def test_units_are_understood_in_their_usual_spellings(unit, nm):
    assert size_nm((50, 8, 5), [unit] * 3) == pytest.approx((50 * nm, 8 * nm, 5 * nm))


@pytest.mark.parametrize(
    "values, units",
    [
        ((None, 1, 1), ["nm"] * 3),
        ((1, 1, 1), ["pixel"] * 3),
        ((1, 1, 1), ["nm", "nm", None]),
        ((0, 1, 1), ["nm"] * 3),
        ((-1, 1, 1), ["nm"] * 3),
        ((float("nan"), 1, 1), ["nm"] * 3),
        (("x", 1, 1), ["nm"] * 3),
        ((1, 1), ["nm"] * 2),
    ],
)
def test_half_a_size_is_none(values, units):
    assert size_nm(values, units) is None


def test_cremi_notes_nanometres_and_ilastik_micrometres():
    assert in_attributes({"resolution": np.array([40, 4, 4]), "offset": [0.0, 80, 8]}) == (
        (40, 4, 4),
        (0, 80, 8),
    )
    assert in_attributes({"element_size_um": [0.04, 0.004, 0.004]})[0] == pytest.approx((40, 4, 4))
    for nonsense in ({}, {"resolution": "x"}, {"resolution": [1, 2]}, {"resolution": [1, None, 2]}):
        assert in_attributes(nonsense) == (None, None)

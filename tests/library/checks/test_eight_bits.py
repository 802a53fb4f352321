"""Labels as ImageJ makes them of 16 bits: value * 256 / (displayed range + 1) + 0.5, cut off."""

import numpy as np
import pytest

from synthem.checks.eight_bits import InBytes

SQUARES = np.zeros((1, 180, 160), np.uint16)  # 450 squares of 6 x 6 pixels, which do not touch
for number in range(450):
    y, x = np.divmod(number, 18)
    SQUARES[0, 7 * y : 7 * y + 6, 7 * x : 7 * x + 6] = number + 1


def warning_of(labels):
    seen = InBytes()
    for z, plane in enumerate(labels):
        seen.add(z, plane)
    return seen.warning()


@pytest.mark.parametrize(
    ("last", "words"),
    [
        # 1 to 127 are 0, 128 to 383 are 1, 384 to 450 are 2: 323 parts of two numbers
        (65535, "a number is 161.5 parts of a slice on average"),
        (450, "255 numbers are all that 8 bits hold"),
    ],
)
def test_numbers_that_imagej_scaled_to_8_bits_are_warned_of(last, words):
    scaled = np.minimum(SQUARES * (256 / (last + 1)) + 0.5, 255).astype(np.uint8)
    assert words in warning_of(scaled) and "Save the labels as they were" in warning_of(scaled)


def test_numbers_of_objects_in_one_or_few_parts_are_as_they_were():
    few = np.where(SQUARES <= 254, SQUARES, 0).astype(np.uint8)
    assert warning_of(few) == ""
    few[(few % 2 == 0) & (few > 100)] -= 1  # 102 becomes 101, and so on: two parts at most, in 77 of 177
    assert warning_of(few) == ""

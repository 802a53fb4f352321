"""A whole stack in memory, for tests: the workflow itself reads a few slices at a time."""

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.sources.opening import open_stack


def read_stack(source):
    """As [z, y, x] or [z, y, x, c], as the file holds it."""
    with open_stack(source) as stack:
        whole = np.empty(stack.shape, stack.dtype)
        for first, planes in stack.slabs():
            whole[first : first + len(planes)] = planes
        return whole


def read_header(source):
    with open_stack(source) as stack:
        return stack


def error_of(source):
    """What is said of a file that cannot be read."""
    with pytest.raises(SynthemError) as caught:
        read_stack(str(source))
    return caught.value

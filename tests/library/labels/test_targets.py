import subprocess
import sys

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.labels.targets import (
    UNKNOWN,
    attractive_of,
    interior_target,
    labels_with_unknown,
    steps_of,
)
from tests.shared.project import LIBRARY
from tests.shared.settings import edited

TARGET = {
    "kind": "affinities",
    "boundaries": {"dilation": 0},
    "interior": {"width": 1, "across_slices": True},
    "affinities": {"long_range": True, "across_slices": True},
}
HALVES = np.repeat([[1, 1, 1, 2, 2, 2]], 4, axis=0)[None].astype(np.uint32)


def test_affinities_have_three_short_steps_first_and_long_ones_where_wanted():
    short, both = (steps_of(edited(TARGET, affinities__long_range=wanted)) for wanted in (False, True))
    assert short == [(-1, 0, 0), (0, -1, 0), (0, 0, -1)] == both[:3]
    assert len(both) == 17 and max(abs(side) for step in both for side in step) == 27
    assert attractive_of(TARGET) == 3
    flat = steps_of(edited(TARGET, affinities__across_slices=False))
    assert flat[:2] == [(0, -1, 0), (0, 0, -1)] and len(flat) == 12
    assert {step[0] for step in flat} == {0} and set(flat) < set(both)
    assert attractive_of(edited(TARGET, affinities__across_slices=False)) == 2


@pytest.mark.parametrize("kind", ["mask", "boundaries", "interior"])
def test_the_other_kinds_have_one_channel(kind):
    assert steps_of({"kind": kind}) is None
    assert attractive_of({"kind": kind}) == 0


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"kind": "boundaries"}, [1, 1, 1, 0, 1, 1]),  # on the side of the larger number
        ({"kind": "boundaries", "boundaries__dilation": 1}, [1, 1, 0, 0, 0, 1]),
        ({"kind": "interior"}, [1, 1, 0, 0, 1, 1]),
        ({"kind": "interior", "interior__width": 2}, [1, 0, 0, 0, 0, 1]),
    ],
)
def test_interiors_leave_borders_between_cells(changed, row):
    made, ignore = interior_target(HALVES, None, edited(TARGET, **changed), runs=[(0, 1)])
    assert made[0].tolist() == [row] * 4 and ignore is None


def test_borders_to_cells_of_other_slices_end_where_slices_are_no_neighbours():
    slices = np.repeat(np.uint32([1, 1, 2, 2, 3, 3]), 9).reshape(6, 3, 3)
    unknown = np.zeros(slices.shape, np.uint8)
    unknown[0, 0, 0] = 1
    target = TARGET | {"kind": "interior"}
    flat = edited(target, interior__across_slices=False)
    made, ignore = interior_target(slices, unknown, target, runs=[(0, 4), (4, 6)])
    assert made[:, 1, 1].tolist() == [1, 0, 0, 1, 1, 1]
    assert ignore.any(axis=(1, 2)).tolist() == [True, True, False, False, False, False]
    made, ignore = interior_target(slices, unknown, flat, runs=[(0, 4), (4, 6)])
    assert made.all() and ignore.any(axis=(1, 2)).tolist() == [True] + 5 * [False]


def test_borders_are_unknown_as_far_as_unknown_labels_could_move_them():
    unknown = np.zeros_like(HALVES, np.uint8)
    unknown[0, 0, 0] = 1
    for changed, reach in (({"kind": "boundaries", "boundaries__dilation": 2}, 3), ({"kind": "interior"}, 1)):
        _, ignore = interior_target(HALVES, unknown, edited(TARGET, **changed), runs=[(0, 1)])
        expected = np.zeros((4, 6), int)
        expected[: reach + 1, : reach + 1] = 1
        assert ignore[0].tolist() == expected.tolist()


def test_unknown_labels_get_a_number_that_no_cell_may_have():
    unknown = np.zeros_like(HALVES, np.uint8)
    unknown[0, 1, 2] = 1
    labels = labels_with_unknown(HALVES, unknown)
    assert labels[0, 1, 2] == UNKNOWN and (labels != HALVES).sum() == 1
    assert labels_with_unknown(HALVES, None) is HALVES
    with pytest.raises(SynthemError, match="ERROR DATA_VALUE labels: the number 4294967295"):
        labels_with_unknown(labels, None)


def test_who_reads_predictions_needs_no_torch():
    script = f"import sys; sys.path.insert(0, {str(LIBRARY)!r}); import synthem.labels.targets"
    script += "; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

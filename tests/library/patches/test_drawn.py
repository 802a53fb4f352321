"""Patches that are drawn for many steps ahead."""

import numpy as np
import pytest
import torch

from synthem.patches.augment import draw_transforms
from synthem.patches.chance import streams_of
from synthem.patches.drawn import AHEAD, Ahead, Drawn
from synthem.patches.on_gpu import sent
from synthem.patches.places import PatchSet, draw_places, one_after_the_other
from tests.shared.augment_settings import OFF
from tests.shared.slow_patches import CHANGES

SETS = [PatchSet("real", np.zeros((4, 30, 40), np.uint8))]
BATCH = 3


def draw(first, count):
    patches = one_after_the_other(first * BATCH, count * BATCH)
    transforms = draw_transforms(streams_of(SETS, patches, seed=0), **OFF | CHANGES["all"])
    return Drawn(draw_places(SETS, patches, seed=0, size=8), transforms)


def arrays(rows):
    found = []
    rows.mapped(found.append)
    return found


def assert_equal(one, other):
    pairs = list(zip(arrays(one), arrays(other), strict=True))
    assert len(pairs) == 14  # 4 of places, 10 of transforms
    assert all(a.shape == b.shape and (np.asarray(a) == np.asarray(b)).all() for a, b in pairs)


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("steps", [range(AHEAD + 3), (7, 3 * AHEAD, 0, AHEAD - 1, 7)], ids=["all", "some"])
def test_what_is_drawn_ahead_is_what_is_drawn_for_one_step(steps, early):
    ahead = Ahead(draw, ready=lambda drawn: drawn, early=early)
    for step in steps:
        assert_equal(ahead.of_step(step), draw(step, 1))


def test_steps_that_follow_each_other_are_drawn_once():
    calls = []
    ahead = Ahead(
        lambda *window: calls.append(window) or draw(*window), ready=lambda drawn: drawn, early=False
    )
    for step in range(AHEAD - 1, 2 * AHEAD + 1):
        ahead.of_step(step)
    assert calls == [(0, AHEAD), (AHEAD, AHEAD), (2 * AHEAD, AHEAD)]


def test_for_a_gpu_the_next_steps_are_drawn_half_a_window_before():
    calls = []
    ahead = Ahead(
        lambda first, count: calls.append(first) or draw(first, count), ready=lambda d: d, early=True
    )
    drawn_at = {}
    for step in range(3 * AHEAD):
        ahead.of_step(step)
        drawn_at |= {first: step for first in calls if first not in drawn_at}
    half = AHEAD // 2
    assert drawn_at == {0: 0, AHEAD: half, 2 * AHEAD: AHEAD + half, 3 * AHEAD: 2 * AHEAD + half}
    assert len(calls) == 4


def test_all_that_is_drawn_gets_to_a_device_in_one_copy():
    drawn = draw(0, 2)
    there = sent(drawn, torch.device("cpu"))
    assert_equal(drawn, there)
    assert {one.untyped_storage().data_ptr() for one in arrays(there)} == {
        there.planes.z.untyped_storage().data_ptr()
    }
    assert there.transforms.blurred.dtype == torch.bool and there.transforms.control.dtype == torch.float32
    assert there.transforms.reach == drawn.transforms.reach and there.labels is None

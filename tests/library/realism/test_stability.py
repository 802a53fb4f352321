import numpy as np
import pytest

from synthem.realism.stability import moving_mean, stability_rows


def history(values, **others):
    return [{"step": n + 1, "d_real": v, "g_l1": 9 * n} | others for n, v in enumerate(values)]


def test_a_calm_training_has_none_and_a_swing_its_standard_deviation():
    """A wave of 50 steps and height 2 has a deviation of 2 / root 2; ten windows of two waves each."""
    wave = 2 * np.sin(2 * np.pi * np.arange(1000) / 50)
    rows = stability_rows(history(wave))
    assert [row["step"] for row in rows] == list(range(100, 1001, 100))
    assert {(row["score"], row["n"]) for row in rows} == {("d_real_deviation", 100)}
    assert [row["value"] for row in rows[1:]] == pytest.approx([2**0.5] * 9, rel=0.07)
    assert all(row["value"] == 0 for row in stability_rows(history([3.0] * 50)))


def test_noise_from_batch_to_batch_counts_less_than_a_slow_swing_of_the_same_size():
    random = np.random.default_rng(0).normal(size=2000)
    slow = np.repeat(np.random.default_rng(1).normal(size=40), 50)
    noise, swing = (np.mean([row["value"] for row in stability_rows(history(x))]) for x in (random, slow))
    assert noise < 0.35 * swing


def test_losses_that_were_not_computed_have_no_rows():
    assert stability_rows([{"step": 1, "d_real": None}, {"step": 2, "d_real": None}]) == []
    assert stability_rows(history([1.0])) == []


def test_a_moving_mean_looks_back():
    assert moving_mean(np.array([2.0, 4.0, 6.0, 0.0]), 2) == pytest.approx([2, 3, 5, 3])

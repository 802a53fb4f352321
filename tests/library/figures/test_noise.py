import io

import numpy as np
from PIL import Image

from synthem.figures.noise import noise_plot, points_of


def row(noise, value, block="target", score="f1", seed=0):
    return {"noise": noise, "value": value, "block": block, "score": score, "seed": seed}


def test_points_rise_with_the_noise_and_seeds_of_one_noise_stand_together():
    rows = [row(0.4, 0.5), row(0, 0.2), row(0.4, 0.7, seed=1), row(0.2, None), row(0, 0.9, "source_learnt")]
    assert points_of(rows, "f1", "target") == {0: [0.2], 0.4: [0.5, 0.7]}
    assert list(points_of(rows, "f1", "target")) == [0, 0.4]
    assert points_of(rows, "recall", "target") == {}


def colours(rows):
    pixels = np.asarray(Image.open(io.BytesIO(noise_plot(rows))).convert("RGB")).reshape(-1, 3)
    return {tuple(colour) for colour in np.unique(pixels, axis=0)}


def test_only_what_was_measured_is_drawn():
    blue, vermillion = (0, 114, 178), (213, 94, 0)
    source = [row(noise, 0.8, "source_held_out") for noise in (0, 0.2)]
    assert blue in colours(source) and vermillion not in colours(source)
    both = [*source, row(0, 0.4), row(0.2, 0.6)]
    assert {blue, vermillion} <= colours(both)


def test_the_same_rows_give_the_same_bytes_and_none_an_empty_picture():
    assert noise_plot([row(0, 0.5)]) == noise_plot([row(0, 0.5)]) != noise_plot([])

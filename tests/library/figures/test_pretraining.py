import io

import numpy as np
from PIL import Image

from synthem.figures.pretraining import points_of, pretraining_plot


def rows(*variants, held_out=True):
    """Two looks at three losses of each variant."""
    blocks = ("train", "test") if held_out else ("train",)
    return [
        {"variant": variant, "block": block, "step": step, "score": score, "value": value}
        for variant in variants
        for block in blocks
        for score, value in (("d_loss", 2.0), ("g_adversarial", 0.5), ("g_l1", 0.1), ("d_real", 1.0))
        for step in (50, 100)
    ]


def pixels(table):
    return np.asarray(Image.open(io.BytesIO(pretraining_plot(table))).convert("RGB"))


def test_points_are_those_of_one_loss_of_one_variant():
    table = rows("right", "centre")
    assert points_of(table, variant="centre", score="g_l1", block="test") == ([50, 100], [0.1, 0.1])


def test_held_out_losses_have_a_colour_of_their_own():
    def vermillion(table):
        return (pixels(table)[:-60] == (213, 94, 0)).all(axis=2).sum()  # above the legend

    assert vermillion(rows("right", held_out=False)) == 0 < vermillion(rows("right"))


def test_any_number_of_variants_has_one_width_and_none_an_empty_picture():
    widths = {pixels(rows(*names)).shape[1] for names in ([], ["a"], ["a", "b", "c"])}
    assert len(widths) == 1
    assert pretraining_plot(rows("a")) == pretraining_plot(rows("a"))

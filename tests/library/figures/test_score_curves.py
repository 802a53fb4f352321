import io

import pytest
from matplotlib.figure import Figure
from PIL import Image

from synthem.figures.score_curves import draw_line, limits, looks, over_replicates, score_curves
from synthem.metrics.ranges import possible


def row(step, value, *, replicate=1, name="a", block="test", low=None, high=None):
    return {"arm": name, "block": block, "step": step, "score": "iou", "replicate": replicate} | {
        "value": value,
        "low": low,
        "high": high,
    }


def test_a_line_is_the_mean_over_replicates_with_students_interval():
    """Of 1, 2 and 3: mean 2, standard error 3 ** -0.5 = .5774, t of two degrees of freedom is 4.3027."""
    rows = [row(5, float(r), replicate=r) | {"score": "g_adversarial"} for r in (1, 2, 3)]
    assert over_replicates(rows) == [
        (5, 2.0, pytest.approx(2 - 2.484, abs=1e-3), pytest.approx(2 + 2.484, abs=1e-3))
    ]


def test_no_band_reaches_beyond_what_a_score_can_be():
    """Of .7, .8 and .9 Student's reaches to 1.048: .8 +- 4.3027 * .1 / 3 ** .5. On log odds, with the half
    width .2484 / (.8 * .2) = 1.5526: 4 * e ** +-1.5526 = 18.9 and .847, so .459 to .950."""
    rows = [row(5, value, replicate=r) for r, value in enumerate((0.7, 0.8, 0.9))]
    expected = [(5, pytest.approx(0.8), pytest.approx(0.459, abs=1e-3), pytest.approx(0.950, abs=1e-3))]
    assert over_replicates(rows) == expected
    rows = [one | {"score": ("voi", "cremi")} for one in rows]  # .8 * e ** +-(.2484 / .8)
    ((_, _, low, high),) = over_replicates(rows)
    assert (low, high) == (pytest.approx(0.5865, abs=1e-3), pytest.approx(1.0913, abs=1e-3))


def test_two_replicates_are_shown_each_for_their_interval_would_fill_the_panel():
    """Theirs of 1 and 3 would reach from -10.7 to 14.7."""
    rows = [
        row(s, v, replicate=r)
        for r, values in ((1, (1.0, 2.0)), (2, (3.0, 2.5)))
        for s, v in enumerate(values)
    ]
    assert over_replicates(rows) == [(0, 2, None, None), (1, 2.25, None, None)]
    panel = Figure().subplots()
    draw_line(panel, rows, "k", "o")
    assert sorted(tuple(line.get_ydata()) for line in panel.lines) == [(1, 2), (2, 2.25), (3, 2.5)]
    assert not panel.collections  # no band


def test_rows_of_one_replicate_are_one_value_and_a_single_network_keeps_its_own_interval():
    assert over_replicates([row(5, 1.0), row(5, 3.0)]) == [(5, 2.0, None, None)]
    assert over_replicates([row(9, 2.0, low=1.5, high=3.0), row(5, 1.0)]) == [
        (5, 1, None, None),
        (9, 2, 1.5, 3),
    ]


def test_curves_are_drawn_of_what_is_there_and_the_same_bytes_again():
    rows = [row(step, step / 9, replicate=r, name=n) for step in (1, 2, 3) for r in (1, 2) for n in "ab"]
    rows += [row(2, None), row(3, 0.2, block="train", low=0.1, high=0.3)]
    floors = [{"score": "iou", "block": "test", "low": 0.1, "high": 0.2}]
    drawn = score_curves(rows, by="arm", words={"iou": "IoU", "dice": "Dice"}, floors=floors)
    assert Image.open(io.BytesIO(drawn)).format == "PNG"
    assert drawn == score_curves(rows, by="arm", words={"iou": "IoU", "dice": "Dice"}, floors=floors)
    assert drawn != score_curves(rows, by="arm", words={"iou": "IoU"})
    assert score_curves([], by="arm", words={"iou": "IoU"})


def test_bands_wider_than_what_is_drawn_do_not_press_lines_and_floors_together():
    """Lines from 2 to 8 and a floor from 1: of 7, six tenths above; below, 0 is nearer than that."""
    panel = Figure().subplots()
    panel.plot([1, 2], [2, 8])
    panel.axhspan(1, 3)
    panel.fill_between([1, 2], [-900, -900], [900, 900])
    assert limits([panel]) == pytest.approx((-0.4, 12.2))


def test_the_interval_of_a_single_step_is_within_the_axis():
    """Of .1 alone the axis would end at .16, its interval reaches to .4: six tenths of .38 above that."""
    panel = Figure().subplots()
    draw_line(panel, [row(9, 0.1, low=0.02, high=0.4)], "k", "o")
    assert limits([panel]) == pytest.approx((-0.02, 0.628))


def test_an_axis_ends_where_its_score_does():
    """Lines from .2 to .8: six tenths of .6 above would be 1.16; a twentieth of the axis of .96 is left."""
    panel = Figure().subplots()
    panel.plot([1, 2], [0.2, 0.8])
    assert limits([panel], possible("iou")) == pytest.approx((-0.04, 1.048))
    assert limits([panel], possible("pixel_accuracy")) == limits([panel], possible("iou"))
    assert limits([panel], possible("voi_before")) == limits([panel]) == pytest.approx((-0.04, 1.16))


def test_lines_have_neither_the_colour_of_real_images_nor_that_of_each_other():
    styles = looks(30)
    assert len(set(styles)) == 30 and not {colour for colour, _ in styles} & {"#000000", "#6B7480"}


def test_the_legend_names_the_grey_band_of_every_score_alike(monkeypatch):
    """Of distances, 95 % of random draws of real patches; of fidelity, an interval over slices: no draws."""
    monkeypatch.setattr("synthem.figures.score_curves.png", lambda figure: figure)
    floors = [{"score": "fidelity", "block": "test", "low": 0.7, "high": 0.8}]
    rows = [row(5, 0.5) | {"score": "fidelity"}]
    (legend,) = score_curves(rows, by="arm", words={"fidelity": "found"}, floors=floors).legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "a",
        "the same of real images (95 % interval)",
    ]

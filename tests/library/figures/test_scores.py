import io

import pytest
from matplotlib.figure import Figure
from PIL import Image

from synthem.comparison.summaries import OF_RUN, summarise
from synthem.figures import sheets
from synthem.figures.scores import (
    add_title,
    comparison_plot,
    draw_arm,
    draw_difference,
    learning_curves,
    rows_of_endpoint,
    runs_of_endpoint,
    visible,
)
from synthem.metrics.definitions import BASELINES, SCORES
from synthem.storage.frames import rows_of
from tests.shared.score_tables import ARMS, comparisons_of, scores_of


def picture(data):
    shown = Image.open(io.BytesIO(data))
    assert shown.format == "PNG" and shown.width == sheets.WIDTH * sheets.DPI
    return shown


def curves(scores, **settings):
    summary = rows_of(summarise(scores, {"iou": SCORES["iou"]}, of=OF_RUN, confidence=0.95))
    runs = [row for row in rows_of(scores) if row["scope"] == "volume" and row["arm"] not in BASELINES]
    return learning_curves(summary, runs, **settings)


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are drawn."""
    figures = []
    monkeypatch.setattr(sheets, "png", figures.append)
    monkeypatch.setattr("synthem.figures.scores.png", figures.append)
    return figures


def test_ten_arms_have_nine_panels_with_the_reference_in_each(drawn):
    curves(scores_of(replicates=2, slices=2), reference="real_strong", words={"real": "real images alone"})
    panels = [panel for panel in drawn[0].axes if panel.axison]
    assert [panel.get_title(loc="left") for panel in panels] == [arm for arm in ARMS if arm != "real_strong"]
    assert panels[0].texts[0].get_text() == "real images alone"
    for panel in panels:
        assert len(panel.containers) == 2 and list(panel.get_xticks()) == [1, 3, 8, 22]
    legend = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert legend[:3] == ["real_strong (the reference)", "the arm of the panel", "one run"]
    assert legend[3:] == [BASELINES[name] for name in ("threshold", "smoothed", "forest", "everything")]


def test_the_reference_alone_one_replicate_and_one_budget_can_be_drawn(drawn):
    curves(scores_of({"real": 0}, {"3": 3}, replicates=1), reference="real")
    (panel,) = drawn[0].axes
    assert panel.get_title(loc="left") == "real" and len(panel.containers) == 1
    assert drawn[0].legends[0].get_texts()[0].get_text() == "real"


def test_an_arm_without_networks_has_no_panel(drawn):
    scores = scores_of({"real": 0, "mixed-50": 0}, {"3": 3}, replicates=2)
    scores.loc[scores["arm"] == "mixed-50", "iou"] = None
    curves(scores, reference="real")
    assert [panel.get_title(loc="left") for panel in drawn[0].axes] == ["real"]


def test_a_baseline_far_below_all_networks_is_told_and_not_drawn(drawn):
    scores = scores_of({"real": 0, "mixed-50": 0.02}, {"8": 8, "all": 22}, replicates=6)
    curves(scores, reference="real")
    assert "far off: grey threshold 0.40" in drawn[0].get_supxlabel()
    assert "everything marked 0.1" in drawn[0].get_supxlabel() and "forest" not in drawn[0].get_supxlabel()
    legend = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert "random forest" in legend and "everything marked" not in legend
    assert drawn[0].axes[0].get_ylim()[0] > 0.5
    near = [{"arm": "forest", "mean": 0.65}, {"arm": "everything", "mean": 0.2}]
    assert visible(near, [{"iou": 0.7}, {"iou": 0.8}], "iou") == near[:1]
    assert visible(near, [], "iou") == near  # no network is there to be pressed together


def test_long_words_of_an_arm_end_in_dots():
    axes = Figure().add_subplot()
    add_title(axes, "a", "half real, " * 20, width=30)
    lines = axes.texts[0].get_text().split("\n")
    assert len(lines) == 2 and lines[1].endswith("...")


def test_differences_stand_in_a_panel_per_budget_and_a_line_per_arm(drawn):
    rows = comparisons_of(scores_of(replicates=6, slices=2), "real_strong")
    comparison_plot(rows, smallest_effect=0.05, confidence=0.95)
    titles = ["1 labelled slice", "3 labelled slices", "8 labelled slices", "all 22 labelled slices"]
    assert [panel.get_title(loc="left") for panel in drawn[0].axes] == titles
    arms = [label.get_text() for label in drawn[0].axes[0].get_yticklabels()]
    assert arms == [arm for arm in ARMS if arm != "real_strong"]
    texts = [text.get_text() for text in drawn[0].axes[1].texts]
    assert texts == [f"{row['difference']:+.3f}".replace("-", "−") for row in rows if row["budget"] == "3"]


@pytest.mark.parametrize("change", [{}, {"low": None, "high": None}, {"difference": None, "low": None}])
def test_differences_without_interval_or_without_value_can_be_drawn(change):
    row = comparisons_of(scores_of({"real": 0, "mixed-50": 0.1}, {"3": 3}), "real")[0]
    rows = [row | {"verdict": verdict, "arm": verdict} | change for verdict in sheets.VERDICT_COLOURS]
    picture(comparison_plot(rows, smallest_effect=0.01, confidence=0.95))


def test_a_study_without_comparisons_can_be_drawn():
    picture(comparison_plot([], smallest_effect=0.01, confidence=0.95))


def test_no_interval_is_drawn_beyond_what_a_score_can_be():
    axes = Figure().subplots()
    row = {"arm": "real", "labelled_slices": 3, "mean": 0.847, "low": 0.579, "high": 1.115}
    draw_arm(axes, [row], [], "iou", aside=False)
    (bar,) = axes.containers[0].lines[2]
    assert bar.get_segments()[0][:, 1] == pytest.approx([0.579, 1])
    draw_difference(axes, 0, {"verdict": "undecided", "difference": 0.2, "low": -1.1, "high": 1.5}, "iou")
    assert axes.collections[-1].get_segments()[0][:, 0] == pytest.approx([-1, 1])


def test_of_cells_a_run_is_one_mark_the_mean_of_its_slices():
    run = {"volume": "v", "arm": "real", "budget": "all", "labelled_slices": 8, "replicate": 1, "seed": 1}
    places = [("slice", 1, 0.2), ("slice", 2, 0.4), ("slice", 3, None), ("volume", None, 2.5)]
    rows = [
        run | {"convention": convention, "scope": scope, "slice": number, "voi": value}
        for convention in ("cremi", "paper")
        for scope, number, value in places
    ]
    (found,) = runs_of_endpoint([], rows, "voi")
    assert found == run | {"voi": pytest.approx(0.3)}
    means = [{"metric": "voi", "convention": "cremi", "scope": scope} for scope in ("slice", "volume")]
    assert rows_of_endpoint([], means, "voi") == means[:1]
    masks = [{"iou": 0.5, "scope": "volume"}, {"iou": 0.1, "scope": "slice"}]
    assert runs_of_endpoint(masks, rows, "iou") == masks[:1]

import numpy as np
import pandas as pd
import pytest

from synthem.comparison.statistics import COMPARISON_COLUMNS, COMPONENT_COLUMNS, compare
from synthem.metrics.definitions import NOT_TRAINED

SETTINGS = {
    **{"reference": "real", "unlearnt": {}, "controls": {}, "endpoint": "iou"},
    **{"confidence": 0.95, "smallest_effect": 0.05, "planned_replicates": 6},
}


def table(effects, *, replicates=6, slices=24, seeds=1, budget="3", noise=0.01, volume="v", draw=0):
    """Rows of single slices: arm `real`, and arms whose IoU is higher by these effects."""
    random = np.random.default_rng(draw)
    hard, rows = random.normal(0.6, 0.05, slices), []
    for replicate in range(1, replicates + 1):
        level = random.normal(0, 0.05)  # of the labelled slices, which all arms share
        for seed in range(1, seeds + 1):
            for arm, effect in ({"real": 0.0} | effects).items():
                ious = hard + level + effect + random.normal(0, noise) + random.normal(0, noise, slices)
                for z, iou in enumerate(ious):
                    shared = round(10_000 * iou)
                    run = {
                        "volume": volume,
                        "arm": arm,
                        "budget": budget,
                        "replicate": replicate,
                        "seed": seed,
                    }
                    counts = {"shared_voxels": shared, "extra_voxels": 10_000 - shared, "missed_voxels": 0}
                    rows.append(run | {"scope": "slice", "slice": z, "voi": 1 - iou, "reason": ""} | counts)
    return pd.DataFrame(rows)


def compared(scores, **settings):
    return compare(scores, **SETTINGS | settings)


def untrained(arm, replicates, reason="2 of 8 images pass"):
    run = {"volume": "v", "arm": arm, "budget": "3", "seed": 1, "scope": NOT_TRAINED, "reason": reason}
    return pd.DataFrame([run | {"replicate": replicate} for replicate in replicates])


def words(found):
    return {row["arm"]: row["verdict"] for row in found.rows}


def test_planted_effects_get_their_words():
    found = compared(table({"up": 0.1, "down": -0.1, "same": 0.0}))
    assert words(found) == {"up": "helps", "down": "harms", "same": "no effect"}
    up = found.rows[0]
    assert set(up) == set(COMPARISON_COLUMNS)
    assert up["difference"] == pytest.approx(0.1, abs=0.02)
    assert up["difference"] == pytest.approx(up["arm_score"] - up["reference_score"])
    assert 0 < up["low"] < up["difference"] < up["high"] and up["better"] > 0.99
    assert (up["volume"], up["budget"], up["n_replicates"], up["endpoint"]) == ("v", "3", 6, "iou")


def test_the_score_is_that_of_all_voxels_together():
    scores = table({"up": 0.1})
    own = scores[scores["arm"] == "up"].groupby("replicate")[["shared_voxels", "extra_voxels"]].sum()
    iou = own["shared_voxels"] / own.sum(axis=1)
    assert compared(scores).rows[0]["arm_score"] == pytest.approx(iou.mean())


def test_less_is_better_where_the_score_is_an_error():
    found = compared(table({"up": 0.1, "down": -0.1}), endpoint="voi")
    assert words(found) == {"up": "helps", "down": "harms"}
    assert found.rows[0]["difference"] < 0 and found.rows[0]["better"] > 0.99


def test_noise_is_undecided_and_says_how_many_replicates_would_decide():
    row = compared(table({"other": 0.02}, noise=0.05, slices=100)).rows[0]
    assert row["verdict"] == "undecided"
    assert row["needed_replicates"] > 6 and f"{row['needed_replicates']} replicates" in row["reason"]
    assert 6 < row["needed_anew"] < row["needed_replicates"]


def test_few_test_slices_do_not_ask_for_replicates_on_the_strength_of_luck():
    """24 slices that look independent: the few that are expected to count leave no number that decides."""
    row = compared(table({"other": 0.02}, noise=0.05)).rows[0]
    assert row["verdict"] == "undecided" and row["needed_replicates"] is None


def test_scores_in_bits_have_no_expected_spread():
    scores = table({"other": 0.02}, noise=0.05)
    ious, bits = (compared(scores, endpoint=name).rows[0]["needed_anew"] for name in ("iou", "voi"))
    assert bits and bits != ious


def test_few_replicates_or_slices_are_exploratory_whatever_comes_out():
    for scores in (table({"up": 0.3}, replicates=4), table({"up": 0.3}, slices=4, noise=0.002)):
        row = compared(scores, planned_replicates=4).rows[0]
        assert row["verdict"] == "exploratory" and row["low"] > 0


def test_more_replicates_than_planned_widen_the_interval():
    scores = table({"up": 0.1}, replicates=8)
    planned, added = (compared(scores, planned_replicates=n).rows[0] for n in (8, 6))
    assert planned["low"] > added["low"] and planned["p"] < added["p"]
    assert compared(scores, planned_replicates=9).rows[0]["verdict"] == "exploratory"


def test_the_family_is_all_arms_and_budgets_but_controls():
    """Of two budgets and two arms: the smallest p four times; twice where one of the arms is a control."""
    scores = pd.concat(
        [table({"a": 0.02, "b": 0.0}, draw=1), table({"a": 0.0, "b": 0.0}, budget="8", draw=2)]
    )
    rows = compared(scores).rows
    smallest = min(rows, key=lambda row: row["p"])
    assert smallest["p_adjusted"] == pytest.approx(min(1, 4 * smallest["p"]))
    rows = compared(scores, controls={"b": "copies"}).rows
    assert [row["p_adjusted"] == row["p"] for row in rows if row["arm"] == "b"] == [True, True]
    own = min((row for row in rows if row["arm"] == "a"), key=lambda row: row["p"])
    assert own["p_adjusted"] == pytest.approx(min(1, 2 * own["p"]))


def test_copies_that_differ_take_the_answer_from_all_arms_of_the_budget():
    scores = pd.concat([table({"up": 0.1, "again": 0.1}), table({"up": 0.1, "again": 0.0}, budget="8")])
    found = compared(scores, controls={"again": "copies"})
    verdicts = {(row["arm"], row["budget"]): row["verdict"] for row in found.rows}
    assert verdicts == {
        ("up", "3"): "no answer",
        ("again", "3"): "helps",
        ("up", "8"): "helps",
        ("again", "8"): "no effect",
    }
    assert "the control again, real pairs again, helps by +0.0" in found.rows[0]["reason"]


def test_mismatched_images_may_harm_but_not_help():
    assert (
        words(compared(table({"up": 0.1, "wrong": -0.1}), controls={"wrong": "mismatched"}))["up"] == "helps"
    )
    found = compared(table({"up": 0.1, "wrong": 0.1}), controls={"wrong": "mismatched"})
    assert words(found) == {"up": "no answer", "wrong": "helps"}


def test_a_reference_that_has_not_learnt_answers_nothing():
    row = compared(table({"up": 0.1}), unlearnt={"3": "it marks everything"}).rows[0]
    assert (row["verdict"], row["reason"]) == ("no answer", "it marks everything")


def test_a_generator_that_is_rejected_in_more_than_a_quarter_of_replicates_is_the_answer():
    scores = table({"up": 0.1, "other": 0.1}, replicates=8)

    def without(*replicates):
        gone = (scores["arm"] == "up") & scores["replicate"].isin(replicates)
        rows = pd.concat([scores[~gone], untrained("up", replicates)])
        found = compared(rows, planned_replicates=8).rows
        assert {row["arm"]: row["verdict"] for row in found}["other"] == "helps"
        return next(row for row in found if row["arm"] == "up")

    up = without(2, 5)
    assert (up["verdict"], up["n_replicates"]) == ("helps", 6)
    up = without(2, 5, 7)
    assert up["verdict"] == "no answer"
    assert up["reason"] == "3 of 8 replicates have no networks: 2 of 8 images pass"
    up = without(*range(1, 9))
    assert up["verdict"] == "no answer" and up["difference"] is None


def test_a_reference_that_was_rejected_gives_no_answer_about_any_arm():
    scores = table({"up": 0.1}, replicates=8)
    gone = (scores["arm"] == "real") & (scores["replicate"] <= 3)
    scores = pd.concat([scores[~gone], untrained("real", (1, 2, 3))])
    (row,) = compared(scores, planned_replicates=8).rows
    assert row["verdict"] == "no answer"
    assert row["reason"] == "of the reference real, 3 of 8 replicates have no networks: 2 of 8 images pass"


def test_of_two_volumes_a_replicate_that_one_lacks_counts_in_none():
    scores = pd.concat([table({"up": 0.1}, replicates=8, volume=name, draw=n) for n, name in enumerate("vw")])
    gone = (scores["arm"] == "up") & (scores["volume"] == "v") & (scores["replicate"] <= 3)
    (row,) = compared(pd.concat([scores[~gone], untrained("up", (1, 2, 3))]), planned_replicates=8).rows
    assert row["verdict"] == "no answer" and row["reason"].startswith("3 of 8 replicates have no networks")


def test_one_replicate_shows_its_means_and_no_interval():
    scores = table({"up": 0.1}, replicates=1, noise=0)
    (row,) = compared(scores, planned_replicates=1).rows
    assert (row["n_replicates"], row["low"], row["p"], row["verdict"]) == (1, None, None, "exploratory")
    assert row["difference"] == pytest.approx(0.1, abs=1e-4)
    assert row["reference_score"] == pytest.approx(
        scores[scores["arm"] == "real"]["shared_voxels"].sum() / 24e4
    )
    (row,) = compared(table({"up": 0.1}, slices=1, noise=0)).rows
    assert (row["n_replicates"], row["low"]) == (6, None) and row["difference"] == pytest.approx(
        0.1, abs=1e-4
    )


def test_the_parts_of_the_variance_are_printed():
    found = compared(table({"up": 0.1}, noise=0.03))
    assert [row["component"] for row in found.components] == ["replicates", "blocks", "rest"]
    assert all(set(row) == set(COMPONENT_COLUMNS) and row["variance"] >= 0 for row in found.components)
    assert sum(row["share"] for row in found.components) == pytest.approx(1)
    replicates = found.components[0]
    assert replicates["sd"] == pytest.approx(2**0.5 * 0.03, rel=0.5) and replicates["n"] == 6
    found = compared(table({"up": 0.1}, noise=0.03, seeds=3))
    assert [row["component"] for row in found.components] == ["replicates", "seeds", "blocks", "rest"]
    assert found.components[1]["sd"] == pytest.approx(2**0.5 * 0.03, rel=0.5)


def test_volumes_in_one_table_are_strata():
    one, two = (
        table({"up": effect}, volume=name, draw=n)
        for n, (name, effect) in enumerate({"v": 0.1, "w": 0.2}.items())
    )
    alone = [compared(scores).rows[0] for scores in (one, two)]
    row = compared(pd.concat([one, two])).rows[0]
    assert row["difference"] == pytest.approx(np.mean([own["difference"] for own in alone]))
    assert row["n_blocks"] == sum(own["n_blocks"] for own in alone) and row["n_replicates"] == 6
    assert row["high"] - row["low"] < max(own["high"] - own["low"] for own in alone)
    assert (row["volume"], row["verdict"]) == ("v + w", "helps")


def test_the_order_of_the_rows_and_the_kind_of_the_budget_change_nothing():
    scores = table({"up": 0.1})
    shuffled = scores.sample(frac=1, random_state=0).assign(budget=3)
    for name in ("difference", "low", "high", "p", "verdict", "budget"):
        assert compared(shuffled).rows[0][name] == pytest.approx(compared(scores).rows[0][name])


def test_a_reference_alone_is_compared_with_nothing():
    assert compared(table({})) == ([], [])

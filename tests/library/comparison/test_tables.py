import numpy as np
import pandas as pd
import pytest

from synthem.comparison.tables import TABLE_COLUMNS, all_targets, of_endpoint, study_tables
from synthem.metrics.columns import SCORE_COLUMNS
from synthem.metrics.definitions import SCORES
from synthem.storage.frames import in_order, rows_of, with_rows
from tests.shared.score_tables import ARMS, BUDGETS, STUDY, partitions_of, scores_of

LEVEL = [1.0] * 10 + [0.2] * 90
SETTINGS = {"endpoint": "iou", "confidence": 0.95, "smallest_effect": 0.05}


def studied(
    scores, reference="real", arms=STUDY, comparison=SETTINGS, losses=None, partitions=None, **others
):
    return study_tables(
        in_order(scores, list(arms)),
        partitions_of(scores) if partitions is None else partitions,
        dict.fromkeys(arms, losses or {budget: [LEVEL] for budget in BUDGETS}) | others,
        comparison=comparison,
        reference=reference,
        arms=arms,
        structure="mitochondria",
        stops_early=dict.fromkeys(arms, False),
        planned_replicates=6,
    )


def small(gain, replicates=6, budgets=None, chance=0, **others):
    arms = {"real": 0.0, "mixed-50": gain} | others
    return scores_of(arms, budgets or {"3": 3}, replicates=replicates, slices=24, chance=chance)


def named(*names):
    return {name: STUDY[name] for name in names}


def test_a_study_of_ten_arms_has_all_its_tables():
    found = studied(scores_of(slices=12), "real_strong")
    rows = rows_of(found.comparison)
    assert list(found.comparison) == list(TABLE_COLUMNS)
    assert [(row["arm"], row["labelled_slices"]) for row in rows] == [
        (arm, slices) for arm in ARMS if arm != "real_strong" for slices in (1, 3, 8, 22)
    ]
    worst = {row["arm"]: row["verdict"] for row in rows if row["budget"] == "3"}
    assert worst["synthetic"] == "harms" and worst["mismatched"] == "harms"
    assert all(row["n_replicates"] == 6 and row["p_adjusted"] >= row["p"] for row in rows)
    assert set(found.components["component"]) == {"replicates", "blocks", "rest"}
    assert len(found.summary) == 15 * 4 * len(SCORES)
    answer = found.answer
    assert answer["question"] == "What helps to segment mitochondria, against the arm `real_strong`?"
    # With one slice the reference is 0.02 better than a smoothed threshold.
    assert len(answer["sentences"]) == 36 and [row["budget"] for row in answer["unlearnt"]] == ["1"]
    assert answer["endpoint"] == "iou" and answer["reference"] == "real_strong"
    changes = found.differences.dropna(subset="low")
    assert answer["looked_at"]["intervals"] == len(changes) > 1000
    assert answer["looked_at"]["without_zero"] == (changes["low"] * changes["high"] > 0).sum()


def test_a_large_gain_helps_and_none_does_not():
    (row,) = rows_of(studied(small(0.3), arms=named("real", "mixed-50")).comparison)
    assert row["verdict"] == "helps" and row["better"] > 0.9 and 0 < row["low"] < row["difference"]
    verdicts = [
        rows_of(studied(small(0.0, chance=chance), arms=named("real", "mixed-50")).comparison)[0]["verdict"]
        for chance in range(5)
    ]
    assert not {"helps", "harms"} & set(verdicts)


def test_few_replicates_are_exploratory_with_their_numbers():
    found = studied(small(0.3, replicates=3), arms=named("real", "mixed-50"))
    (row,) = rows_of(found.comparison)
    assert row["verdict"] == "exploratory" and row["difference"] > 0.05 and row["low"] is not None
    assert "a first look, no answer, as 3 replicates, of which at least 5" in found.answer["sentences"][0]


def test_networks_that_have_not_learnt_and_rejected_images_give_no_answer():
    falling = {"3": [list(np.arange(100, 0, -1))]}
    found = studied(small(0.3), arms=named("real", "mixed-50"), losses=falling)
    assert found.answer["unlearnt"][0]["labelled_slices"] == 3
    assert "Raise unets: training: steps" in found.answer["headline"]
    scores = small(0.3)
    lacking = (scores["arm"] == "mixed-50") & (scores["replicate"] <= 3)
    untrained = [
        dict.fromkeys(SCORE_COLUMNS)
        | {"arm": "mixed-50", "volume": "v", "budget": "3", "labelled_slices": 3, "replicate": number}
        | {"scope": "not trained", "reason": f"replicate {number}, painted: 0 of 24 images passed the filter"}
        for number in (1, 2, 3)
    ]
    found = studied(with_rows(scores[~lacking], untrained), arms=named("real", "mixed-50"))
    (row,) = rows_of(found.comparison)
    assert row["verdict"] == "no answer" and row["reason"].startswith("3 of 6 replicates have no networks")
    assert "Raise gans: training: steps" in found.answer["headline"]


def test_whether_networks_have_learnt_is_asked_of_voi_where_that_is_the_endpoint():
    """VOI is 1 - IoU in these tables; then everything marked gets the IoU of cells that fill the volume."""
    scores = small(0.3)
    partitions = partitions_of(scores)
    scores.loc[scores["arm"] == "everything", "iou"] = 1.0
    verdicts = {}
    for endpoint in ("iou", "voi"):
        found = studied(
            scores,
            arms=named("real", "mixed-50"),
            comparison=SETTINGS | {"endpoint": endpoint},
            partitions=partitions,
        )
        verdicts[endpoint] = rows_of(found.comparison)[0]["verdict"]
    assert verdicts["iou"] == "no answer" != verdicts["voi"]


def test_an_arm_that_had_not_finished_learning_keeps_its_verdict_and_says_so():
    """The loss of `mixed-50` falls in a straight line: 50 of 90 came late (test_learning)."""
    falling = {"mixed-50": {"3": [list(np.arange(100, 0, -1))]}}
    plain, told = (studied(small(-0.4), arms=named("real", "mixed-50"), **losses) for losses in ({}, falling))
    (before,), (after,) = rows_of(plain.comparison), rows_of(told.comparison)
    assert before["verdict"] == after["verdict"] == "harms" and not told.answer["unlearnt"]
    worse = "what needs no network is better: random forest 0.7"
    assert before["caveat"].startswith(worse)
    assert after["caveat"].startswith(
        "its networks had not finished learning: 56 % of the fall of their loss"
    )
    assert f"; this compares equal steps, not networks; {worse}" in after["caveat"]
    assert f" But {after['caveat']}." in told.answer["sentences"][0]


def test_an_endpoint_of_the_partitions_is_read_by_the_convention_that_ranks():
    scores = small(0.3)
    partitions = partitions_of(scores)
    partitions.loc[partitions["convention"] != "cremi", "voi"] = 7.0
    rows = of_endpoint(scores, partitions, "voi")
    assert set(rows["convention"]) == {"cremi"} and (rows["voi"] <= 1).all()
    assert of_endpoint(scores, partitions, "iou") is scores


def test_several_targets_as_one_have_the_mean_of_their_differences_and_an_interval_of_both():
    """Equal weights; two strata with the variances v and w: that of their mean is (v + w) / 4."""
    found, shares = {}, {"a": 0.3, "b": 0.1}
    frames = {
        name: small(gain, chance=number).assign(volume=name)
        for number, (name, gain) in enumerate(shares.items())
    }
    for name, frame in frames.items():
        found[name] = studied(frame, arms=named("real", "mixed-50"))
    scores = pd.concat(frames.values(), ignore_index=True)
    table, components, answer = all_targets(
        in_order(scores, ["real", "mixed-50"]),
        partitions_of(scores),
        {name: one.answer for name, one in found.items()},
        {name: rows_of(one.comparison) for name, one in found.items()},
        comparison=SETTINGS,
        reference="real",
        arms=named("real", "mixed-50"),
        structure="mitochondria",
        planned_replicates=6,
    )
    (row,) = rows_of(table)
    alone = [rows_of(one.comparison)[0] for one in found.values()]
    assert row["caveat"] is None or row["caveat"] == ""
    assert row["volume"] == "a + b" and row["labelled_slices"] == 3 and row["n_replicates"] == 6
    assert row["difference"] == pytest.approx((alone[0]["difference"] + alone[1]["difference"]) / 2)
    assert row["n_blocks"] == alone[0]["n_blocks"] + alone[1]["n_blocks"]
    half = [own["high"] - own["difference"] for own in (*alone, row)]
    # Replicates that share everything have the mean of the standard errors; these share nothing.
    assert half[2] < (half[0] + half[1]) / 2
    assert answer["question"].startswith("Does synthetic data help") and not answer["unlearnt"]
    assert set(components["volume"]) == {"a + b"}


def test_where_networks_of_one_target_have_not_learnt_there_is_no_answer_for_all():
    scores = pd.concat([small(0.1).assign(volume=name) for name in "ab"], ignore_index=True)
    reason = "the networks of the arm real had not finished learning"
    unlearnt = [{"budget": "3", "labelled_slices": 3, "reason": reason}]
    table, _, answer = all_targets(
        in_order(scores, ["real", "mixed-50"]),
        partitions_of(scores),
        {"a": {"unlearnt": []}, "b": {"unlearnt": unlearnt}},
        {"a": [], "b": []},
        comparison=SETTINGS,
        reference="real",
        arms=named("real", "mixed-50"),
        structure="mitochondria",
        planned_replicates=6,
    )
    assert [row["verdict"] for row in rows_of(table)] == ["no answer"]
    assert answer["unlearnt"][0]["reason"] == f"in b, {reason}"


def test_cells_of_a_block_count_as_the_mean_of_its_slices_as_in_the_verdict():
    """Cut slice by slice they are broken in z: 2.5 bits of the block say nothing of 0.2 and 0.4 in slices."""
    seeds, rows = {"mixed": [1, 2], "forest": [None]}, []
    for arm, own in seeds.items():
        for seed in own:
            run = {
                "volume": "v",
                "arm": arm,
                "budget": "all",
                "labelled_slices": 8,
                "replicate": 1,
                "seed": seed,
            }
            for convention in ("cremi", "paper"):
                places = [("slice", 1, 0.2), ("slice", 2, 0.4), ("slice", 3, None), ("volume", None, 2.5)]
                rows += [
                    run | {"convention": convention, "scope": scope, "slice": number, "voi": value}
                    for scope, number, value in places
                ]
    scores = pd.DataFrame({"arm": ["late"], "scope": ["not trained"], "budget": ["all"]})
    found = of_endpoint(scores, pd.DataFrame(rows), "voi")
    whole = found[found["scope"] == "volume"]
    assert whole["voi"].tolist() == pytest.approx([0.3, 0.3, 0.3]) and len(found) == 3 * 4 + 1
    assert sorted(whole["arm"]) == ["forest", "mixed", "mixed"]
    assert found[found["scope"] == "not trained"]["arm"].tolist() == ["late"]

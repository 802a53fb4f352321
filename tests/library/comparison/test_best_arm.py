import pandas as pd
import pytest

from synthem.comparison.best_arm import best_arm
from synthem.errors import SynthemError

NO_PARTITIONS = pd.DataFrame({"convention": [], "arm": []})
STUDY = {"arms": ["real", "mixed"], "budget": "all", "target": "brain"}


def scores(values, *, metric="iou", budget="all", scope="volume"):
    """{(arm, replicate): values of its seeds} as rows of whole volumes."""
    rows = [
        {"arm": arm, "replicate": replicate, "scope": scope, "budget": budget, metric: value}
        for (arm, replicate), seeds in values.items()
        for value in seeds
    ]
    return pd.DataFrame(rows)


def chosen(*frames, endpoint="iou"):
    table = pd.concat(frames, ignore_index=True)
    return best_arm(table, NO_PARTITIONS, endpoint=endpoint, **STUDY)


def test_the_arm_with_the_best_mean_over_replicates_is_chosen():
    # real: seeds of a replicate count once: (0.6 + 0.9) / 2 = 0.75, not 2.1 / 3 = 0.7; mixed 0.72
    found = chosen(
        scores({("real", 1): [0.6, 0.6], ("real", 2): [0.9], ("mixed", 1): [0.7], ("mixed", 2): [0.74]})
    )
    assert found["arm"] == "real" and found["means"] == {"real": 0.75, "mixed": 0.72}


def test_only_replicates_that_all_arms_have_are_compared():
    # The painted arm lacks the hard replicate 2: over all of its own it would win with 0.8 against 0.6.
    found = chosen(scores({("real", 1): [0.9], ("real", 2): [0.3], ("mixed", 1): [0.8]}))
    assert found["arm"] == "real" and found["means"] == {"real": 0.9, "mixed": 0.8}
    assert found["replicates"] == [1]
    apart = chosen(scores({("real", 2): [0.3], ("mixed", 1): [0.8]}))
    assert apart["arm"] == "real" and apart["means"] == {"real": 0.3} and apart["replicates"] == [2]


def test_less_of_a_distance_is_better():
    found = chosen(scores({("real", 1): [9.0], ("mixed", 1): [7.0]}, metric="hd95_nm"), endpoint="hd95_nm")
    assert found["arm"] == "mixed"


def test_of_equal_arms_the_first_of_the_study_is_taken_and_both_are_named():
    found = chosen(scores({("mixed", 1): [0.5], ("real", 1): [0.5]}))
    assert found["arm"] == "real" and found["equal"] == ["real", "mixed"]


def test_other_budgets_slices_and_answers_without_a_network_do_not_count():
    found = chosen(
        scores({("real", 1): [0.5], ("mixed", 1): [0.4], ("forest", 1): [0.9]}),
        scores({("mixed", 1): [0.8]}, budget="3"),
        scores({("mixed", 1): [0.9]}, scope="slice"),
    )
    assert found["arm"] == "real" and list(found["means"]) == ["real", "mixed"]


def test_no_score_at_all_is_an_error():
    with pytest.raises(SynthemError, match="no arm has a iou with the budget all"):
        chosen(scores({("real", 1): [None]}))

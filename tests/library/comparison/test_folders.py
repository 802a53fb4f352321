import pandas as pd
import pytest

from synthem.comparison.folders import FOLDER_COLUMNS, compare_folders, config_changes
from synthem.errors import SynthemError
from synthem.metrics.columns import SCORE_COLUMNS
from synthem.storage.files import write_json, write_table
from synthem.storage.frames import read_frame, write_frame
from tests.shared.score_tables import partitions_of, scores_of

CONFIG = {
    "comparison": {"endpoint": "iou", "confidence": 0.95, "smallest_effect": 0.05},
    "unets": {"training": {"steps": 500, "augment": {}}},
    "labels": {"budgets": [3]},
}


def folder(path, gains, *, volume="v", chance=0, replicates=6, unlearnt=(), content="aa", **changes):
    """A finished folder of results: each arm with a gain over the level of its labels."""
    scores = scores_of(gains, {"3": 3}, replicates=replicates, slices=24, chance=chance)
    place = path / "tables" / volume
    place.mkdir(parents=True)
    write_frame(place / "scores.csv", scores)
    write_frame(place / "partitions.csv", partitions_of(scores))
    (path / "report" / volume).mkdir(parents=True)
    record = {"config": CONFIG | changes} | ({"content": {volume: content}} if content else {})
    write_json(path / "report" / volume / "provenance.json", record)
    write_json(place / "verdict.json", {"unlearnt": unlearnt})
    return path


def test_changes_of_a_config_are_told_key_by_key():
    old = {"a": {"b": 1, "c": [1, 2]}, "d": {}, "e": 5}
    new = {"a": {"b": 2, "c": [1, 2]}, "d": {"x": 1}, "f": 6}
    assert config_changes(old, new) == [
        ("a.b", 1, 2),
        ("d", {}, None),
        ("e", 5, None),
        ("d.x", None, 1),
        ("f", None, 6),
    ]


def test_the_same_study_with_stronger_networks_is_better_in_the_arms_that_both_have(tmp_path):
    old = folder(tmp_path / "old", {"real": 0.0, "mixed-50": 0.1})
    steps = {"unets": {"training": {"steps": 2000, "augment": {}}}}
    new = folder(tmp_path / "new", {"real": 0.0, "mixed-50": 0.4, "copy_paste": 0.1}, **steps)
    found = compare_folders([str(old), str(new)])
    assert found.settings == [{"key": "unets.training.steps", "old": 500, "new": 2000}]
    rows = {row["arm"]: row for row in found.results}
    assert list(rows) == ["real", "mixed-50"] and tuple(rows["real"]) == FOLDER_COLUMNS
    assert rows["mixed-50"]["verdict"] == "helps" and rows["mixed-50"]["difference"] > 0.05
    assert rows["real"]["n_replicates"] == 6 and rows["real"]["verdict"] != "helps"
    assert "unets.training.steps: 500 -> 2000" in found.page
    assert "v, mixed-50, 3 labelled slices: +0." in found.page and "the new one is better" in found.page


def test_what_the_verdicts_of_both_studies_leave_out_stands_beside_the_difference(tmp_path):
    """A gain over networks that were stopped early may be one of steps."""
    old, new = (folder(tmp_path / str(gain), {"real": 0.0, "mixed-50": gain}) for gain in (0.1, 0.4))
    falls = "its networks still lose 9 % of their loss; this compares equal steps, not networks"
    words = {old: falls, new: ""}
    for place, caveat in words.items():
        rows = [{"arm": "mixed-50", "budget": 3, "verdict": "helps", "caveat": caveat}]
        write_table(place / "tables/v/comparison.csv", rows, list(rows[0]))
    found = compare_folders([str(old), str(new)])
    assert {row["arm"]: row["caveat"] for row in found.results} == {
        "real": "",
        "mixed-50": f"in the old folder {falls}",
    }
    assert f"the new one is better. But in the old folder {falls}\n" in found.page


def test_the_same_folder_twice_differs_in_nothing(tmp_path):
    same = folder(tmp_path / "same", {"real": 0.0})
    found = compare_folders([str(same)] * 2)
    (row,) = found.results
    assert (row["difference"], row["verdict"], found.settings) == (0, "no effect", [])
    assert "Settings that differ:\n  none" in found.page and "no difference that matters" in found.page


def test_a_difference_is_of_pairs_with_one_number(tmp_path):
    """Replicate by replicate both folders draw the same; without pairs the spread of labels would hide it."""
    old, new = (folder(tmp_path / str(gain), {"real": gain}, replicates=8) for gain in (0.0, 0.02))
    (row,) = compare_folders([str(old), str(new)]).results
    assert row["difference"] == pytest.approx(0.02 / 3**0.5, abs=0.002)
    assert row["high"] - row["low"] < 0.002


def test_networks_that_have_not_learnt_or_were_never_trained_give_no_answer(tmp_path):
    old = folder(tmp_path / "old", {"real": 0.0, "mixed-50": 0.1})
    why = {"budget": "3", "reason": "the networks of the arm real mark everything"}
    new = folder(tmp_path / "new", {"real": 0.0, "mixed-50": 0.4}, unlearnt=[why])
    rows = compare_folders([str(old), str(new)]).results
    assert {(row["verdict"], row["reason"]) for row in rows} == {
        ("no answer", "in the new folder the networks of the arm real mark everything")
    }

    write_json(new / "tables/v/verdict.json", {"unlearnt": []})
    scores = read_frame([new / "tables/v/scores.csv"], SCORE_COLUMNS)
    gone = (scores["arm"] == "mixed-50") & (scores["replicate"] > 3)
    without = scores[gone & (scores["scope"] == "volume")].assign(
        scope="not trained", reason="0 of 24 passed"
    )
    write_frame(new / "tables/v/scores.csv", pd.concat([scores[~gone], without]))
    rows = {row["arm"]: row for row in compare_folders([str(old), str(new)]).results}
    assert rows["mixed-50"]["verdict"] == "no answer" and rows["real"]["verdict"] != "no answer"
    found = "in the new folder 3 of 6 replicates have no networks: 0 of 24 passed"
    assert rows["mixed-50"]["reason"] == found
    page = compare_folders([str(old), str(new)]).page
    assert f"v, mixed-50, 3 labelled slices: no answer: {found}\n" in page


def test_other_labels_are_pointed_out(tmp_path):
    old = folder(tmp_path / "old", {"real": 0.0})
    new = folder(tmp_path / "new", {"real": 0.0}, labels={"budgets": [3], "strategy": "random"})
    assert "the pairs are not of the same slices" in compare_folders([str(old), str(new)]).page
    new = folder(tmp_path / "other", {"real": 0.0}, variants={"far": {"labels": {"strategy": "random"}}})
    assert "the pairs are not of the same slices" in compare_folders([str(old), str(new)]).page
    new = folder(tmp_path / "third", {"real": 0.0}, variants={"far": {"unets": {"training": {"steps": 3}}}})
    assert "the pairs are not" not in compare_folders([str(old), str(new)]).page


def test_data_that_were_edited_in_their_place_are_pointed_out(tmp_path):
    old, new = (folder(tmp_path / one, {"real": 0.0}, content=16 * one) for one in "ab")
    found = compare_folders([str(old), str(new)])
    assert found.settings == [{"key": "volumes.v (its content)", "old": 12 * "a", "new": 12 * "b"}]
    assert "volumes.v (its content): aaaaaaaaaaaa -> bbbbbbbbbbbb" in found.page
    assert "the pairs are not of the same slices" in found.page


def test_of_a_study_that_did_not_record_the_content_of_its_data_nothing_is_said(tmp_path):
    old, new = folder(tmp_path / "a", {"real": 0.0}, content=""), folder(tmp_path / "b", {"real": 0.0})
    assert compare_folders([str(old), str(new)]).settings == []


def test_folders_without_a_volume_in_common_and_a_single_one_are_refused(tmp_path):
    old, new = (folder(tmp_path / name, {"real": 0.0}, volume=name) for name in ("a", "b"))
    with pytest.raises(SynthemError, match="FILE_READ .*tables of a, and of b"):
        compare_folders([str(old), str(new)])
    with pytest.raises(SynthemError, match="tables of no volume, and of b"):
        compare_folders([str(tmp_path / "nowhere"), str(new)])
    with pytest.raises(SynthemError, match="CONFIG_VALUE compare: 0 folders"):
        compare_folders([])


def test_where_no_arm_and_budget_are_in_both_the_page_says_what_each_has(tmp_path):
    old = folder(tmp_path / "old", {"real": 0.0, "mixed-50": 0.1})
    new = folder(tmp_path / "new", {"synthetic": 0.0})
    found = compare_folders([str(old), str(new)])
    assert found.results == []
    assert found.page.endswith(
        "IoU, new less old:\n  v: no arm and budget are in both (old: real with 3 labelled slices, "
        "mixed-50 with 3 labelled slices; new: synthetic with 3 labelled slices)\n"
    )

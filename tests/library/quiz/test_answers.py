import json

import pytest

from synthem.errors import SynthemError, SynthemErrors
from synthem.quiz.answers import read_answers
from synthem.quiz.patches import kept_truth

TRUTH = {"quiz": "abc", "items": [{"source": "test slices"}, {"source": "painted"}]}
WHERE = "results/quiz/tissue/truth.json"
SOUND = {"quiz": "abc", "person": "ada", "answers": ["real", "synthetic"], "seconds": [1.5, 2]}


def file_of(folder, name="answers-ada.json", **changed):
    path = folder / name
    path.write_text(json.dumps({key: one for key, one in (SOUND | changed).items() if one is not ...}))
    return path


def problem_of(path):
    with pytest.raises(SynthemError) as raised:
        read_answers([path], TRUTH, WHERE)
    assert raised.value.code == "QUIZ_ANSWERS" and raised.value.where == str(path)
    return raised.value


def test_sound_files_are_read_in_the_order_of_names(tmp_path):
    files = [
        file_of(tmp_path),
        file_of(tmp_path, "b.json", person="Zoe"),
        file_of(tmp_path, "c.json", person="Bo"),
    ]
    assert [sheet.person for sheet in read_answers(files, TRUTH, WHERE)] == ["Bo", "Zoe", "ada"]
    assert read_answers(files[:1], TRUTH, WHERE)[0].answers == ["real", "synthetic"]


def test_answers_of_another_quiz_are_refused(tmp_path):
    problem = problem_of(file_of(tmp_path, quiz="xyz"))
    assert "xyz" in problem.found and "abc" in problem.expected


def test_answers_of_an_earlier_quiz_are_told_where_its_truth_is_kept(tmp_path):
    now, earlier = tmp_path / "truth.json", "0123456789abcdef"
    kept = kept_truth(now, earlier)
    kept.parent.mkdir()
    kept.write_text("{}")
    (tmp_path / "secret.json").write_text("{}")
    for quiz, is_told in ((earlier, True), ("f" * 16, False), ("../secret", False), (3, False)):
        with pytest.raises(SynthemError) as raised:
            read_answers([file_of(tmp_path, quiz=quiz)], TRUTH, now)
        assert (f"copy {kept} to {now}" in raised.value.fix) == is_told


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"answers": ["real"]}, "1 answers"),
        ({"seconds": [1, 2, 3]}, "3 seconds"),
        ({"seconds": ...}, "it has no seconds"),
        ({"person": "../../etc"}, "person is '../../etc'"),
        ({"person": 3}, "person is 3"),
        ({"person": "everyone"}, "person is everyone"),  # whose rows are means
        ({"answers": ["real", "maybe"]}, "number 2 is 'maybe'"),
        ({"answers": ["real", ["real"]]}, r"number 2 is ['real']"),
        ({"answers": "rs"}, "answers is no list"),
        ({"seconds": [1, -1]}, "number 2 is -1"),
        ({"seconds": [1, True]}, "number 2 is True"),
        ({"seconds": [1, float("nan")]}, "number 2 is nan"),
    ],
)
def test_incomplete_and_wrong_answers_are_refused(tmp_path, changed, found):
    assert found in problem_of(file_of(tmp_path, **changed)).found


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"quiz": "\xff"}', b"[" * 100_000])
def test_damaged_files_are_refused(tmp_path, data):
    path = tmp_path / "answers-ada.json"
    path.write_bytes(data)
    assert problem_of(path)


def test_a_file_larger_than_any_quiz_is_not_read(tmp_path):
    path = tmp_path / "answers-ada.json"
    with path.open("wb") as file:
        file.truncate(11_000_000)
    assert "11000000 bytes" in problem_of(path).found


def test_a_person_answers_once(tmp_path):
    with pytest.raises(SynthemError, match="Ada has answered in .*a.json, too") as raised:
        read_answers([file_of(tmp_path, "a.json"), file_of(tmp_path, "b.json", person="Ada")], TRUTH, WHERE)
    assert raised.value.code == "QUIZ_ANSWERS" and raised.value.where.endswith("b.json")


def test_all_problems_are_named_at_once(tmp_path):
    files = [file_of(tmp_path, "a.json", quiz="x"), file_of(tmp_path, "b.json", answers=[])]
    with pytest.raises(SynthemErrors) as raised:
        read_answers(files, TRUTH, WHERE)
    assert len(raised.value.problems) == 2


def test_a_folder_without_answers_is_an_error_of_its_own():
    with pytest.raises(SynthemError) as raised:
        read_answers([], TRUTH, WHERE)
    assert raised.value.code == "DATA_MISSING" and raised.value.where == "quiz.answers"

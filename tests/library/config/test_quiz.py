import pytest

from tests.shared.demo_config import DEMO, checked, edited, only_problem


def test_a_quiz_about_generated_images_and_a_folder_of_answers_are_a_config():
    checked(edited(quiz__wanted=True))
    checked(edited(quiz__wanted=True, quiz__answers="answers"))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"quiz__answers": "sent"}, "quiz.answers: `sent`, but quiz.wanted is false"),
        ({"quiz__wanted": True, "study__arms": ["real"]}, "quiz.wanted: true, but no arm"),
    ],
)
def test_a_quiz_without_generated_images_and_answers_without_a_quiz_are_refused(change, line):
    assert only_problem(**change).startswith(f"ERROR CONFIG_CONTRADICTION {line}")


def test_two_targets_have_a_folder_of_answers_each():
    (target,) = DEMO["targets"]
    volumes = DEMO["volumes"] | {"other": DEMO["volumes"][target]}
    two = {"targets": [target, "other"], "volumes": volumes, "quiz__wanted": True}
    checked(edited(**two, quiz__answers="answers/{volume}"))
    problem = only_problem(**two, quiz__answers="answers")
    assert problem.startswith("ERROR CONFIG_CONTRADICTION quiz.answers: one folder `answers` for 2 targets")

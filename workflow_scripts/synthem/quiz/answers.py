"""Reads the files of answers that people send back, with distrust, against the quiz that they were given."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from synthem.errors import SynthemError, SynthemErrors
from synthem.quiz.patches import kept_truth
from synthem.quiz.scoring import EVERYONE

ANSWERS = ("real", "synthetic")
QUIZ = re.compile("[0-9a-f]{16}")  # of `page.quiz_id`
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LARGEST = 10_000_000  # bytes: a thousand times a long one


class Sheet(NamedTuple):
    """The answers of one person."""

    person: str
    answers: list  # words of ANSWERS, in the order in which images were shown
    seconds: list  # how long each image was looked at


def read_answers(paths, truth, truth_path):
    """Files -> sheets in the order of their names; every problem of every file at once, if there is one.

    truth: {quiz, items} as `make_quiz` wrote it, at truth_path.
    """
    if not paths:
        raise SynthemError(
            "DATA_MISSING",
            "quiz.answers",
            "no file answers-*.json in that folder",
            expected="at least one, as the page of the quiz saves it",
            fix='put the files in there, or set quiz.answers to ""',
        )
    sheets, problems, files = {}, [], {}
    for path in sorted(map(str, paths)):
        try:
            sheet = _sheet(path, truth, truth_path)
        except SynthemError as problem:
            problems.append(problem)
            continue
        key = sheet.person.lower()  # ada and Ada are one
        if key in sheets:
            found = f"{sheet.person} has answered in {files[key]}, too"
            fix = (
                "keep one of the two files, the first one answered; a namesake needs another name in `person`"
            )
            problems.append(_problem(path, found, "one file a person", fix))
        sheets[key], files[key] = sheet, path
    if problems:
        raise problems[0] if len(problems) == 1 else SynthemErrors(problems)
    return sorted(sheets.values())


def _sheet(path, truth, truth_path):
    content = _content(path)
    missing = [key for key in ("quiz", "person", "answers", "seconds") if key not in content]
    if missing:
        raise _problem(path, f"it has no {', '.join(missing)}", "a file as the page of the quiz saves it")
    if content["quiz"] != truth["quiz"]:
        raise _problem(
            path,
            f"it answers the quiz {content['quiz']}",
            f"the quiz {truth['quiz']}, which is in results now",
            _of_another(content["quiz"], truth_path),
        )
    person, answers, seconds = content["person"], content["answers"], content["seconds"]
    if not isinstance(person, str) or not NAME.fullmatch(person):
        raise _problem(path, f"person is {person!r}", "a name of at most 40 letters, digits, dots, hyphens")
    if person == EVERYONE:
        fix = "write another name into `person`"
        raise _problem(path, f"person is {person}", "a name that is not that of the mean", fix)
    for name, values, sound, kind in (
        ("answers", answers, lambda one: one in ANSWERS, "`real` or `synthetic`"),
        ("seconds", seconds, _is_time, "seconds from 0 on"),
    ):
        if not isinstance(values, list):
            raise _problem(path, f"{name} is no list", f"a list of {len(truth['items'])}")
        if len(values) != len(truth["items"]):
            fix = "have the quiz answered to its end, or take the file out of the folder"
            raise _problem(path, f"{len(values)} {name}", f"{len(truth['items'])}, one an image", fix)
        wrong = [number for number, one in enumerate(values, start=1) if not sound(one)]
        if wrong:
            raise _problem(path, f"{name}: number {wrong[0]} is {values[wrong[0] - 1]!r}", kind)
    return Sheet(person, answers, seconds)


def _of_another(quiz, truth_path):
    """What to do with answers to a quiz that is not the one of now."""
    kept = kept_truth(truth_path, quiz) if isinstance(quiz, str) and QUIZ.fullmatch(quiz) else None
    if kept and kept.exists():
        return f"to score it yet, without answers to the quiz of now, copy {kept} to {truth_path}"
    return "score it with the results that its quiz was made from, or have the quiz of now answered"


def _content(path):
    expected = "a file as the page of the quiz saves it"
    try:
        size = Path(path).stat().st_size
        if size > LARGEST:
            raise _problem(path, f"{size} bytes", f"at most {LARGEST}")
        content = json.loads(Path(path).read_bytes().decode())
    except (ValueError, RecursionError) as error:
        raise _problem(path, f"damaged: {error}", expected) from error
    except OSError as error:
        raise _problem(path, f"not readable: {error.strerror}", expected) from error
    if not isinstance(content, dict):
        raise _problem(path, "it holds no answers", expected)
    return content


def _is_time(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e7


def _problem(path, found, expected, fix="have it saved and sent again, or take it out of the folder"):
    return SynthemError("QUIZ_ANSWERS", path, found, expected=expected, fix=fix)

"""The blind study: a page only where it is wanted, scores only of the answers to it."""

import csv
import json
import re
import shutil

from tests.shared.nano_workflow import jobs_in

CONFIGS = ["tests/nano/config.yaml", "asked.yaml"]
ASKED = "quiz: {wanted: true, per_source: 3, side: 24}\n"
ANSWERED = 'quiz: {wanted: true, per_source: 3, side: 24, answers: "sent back"}\n'
SCORED = {"score_quiz", "draw_quiz"}


def answer(folder, truth, person, *, right, **changed):
    """A file in which a person has the first `right` images right."""
    folder.mkdir(exist_ok=True)
    real = [item["source"] in ("test slices", "training slices") for item in truth["items"]]
    said = [one == (number < right) for number, one in enumerate(real)]
    words = ["real" if one else "synthetic" for one in said]
    sheet = {"quiz": truth["quiz"], "person": person, "answers": words, "seconds": [1.0] * len(words)}
    (folder / f"answers-{person}.json").write_text(json.dumps(sheet | changed))


def test_a_quiz_is_made_where_it_is_wanted_and_answers_to_it_are_scored_and_reported(small):
    assert small.stale("quiz") == set()
    (small.folder / "asked.yaml").write_text(ASKED)
    made = small.run("quiz", config=CONFIGS)
    assert {rule for rule, _ in jobs_in(made)} == {"make_quiz"}, made.stdout
    results = small.folder / "results"
    truth = json.loads((results / "quiz/hippocampus/truth.json").read_text())
    page = (results / "quiz/hippocampus/quiz.html").read_text()
    shown = json.loads(re.search(r'id="quiz">(.*?)</script>', page).group(1))
    assert shown["quiz"] == truth["quiz"] and len(shown["images"]) == len(truth["items"]) == 6
    assert sorted(item["source"] for item in truth["items"])[:3] == ["synthetic"] * 3
    for secret in ("synthetic/budget", "volume.h5", "test slices", "hippocampus"):
        assert secret not in page

    answers = small.folder / "sent back"
    (small.folder / "asked.yaml").write_text(ANSWERED)
    none = small.run("quiz", config=CONFIGS)
    assert none.returncode != 0 and "ERROR DATA_MISSING quiz.answers" in none.stdout
    answer(answers, truth, "ada", right=6)
    answer(answers, truth, "bo", right=3)
    scored = small.run(config=CONFIGS)
    assert {rule for rule, _ in jobs_in(scored)} >= SCORED | {"write_report"}, scored.stdout
    with (results / "tables/hippocampus/quiz.csv").open() as file:
        rows = {(row["person"], row["source"], row["score"]): row for row in csv.DictReader(file)}
    right = {who: rows[who, "all images", "accuracy"]["value"] for who in ("ada", "bo", "everyone")}
    assert right == {"ada": "1.0", "bo": "0.5", "everyone": "0.75"}
    report = " ".join((results / "report/hippocampus/index.html").read_text().split())
    assert "2 persons looked at 6 images, half of them real. Of the answers, 75% (" in report
    assert small.stale(config=CONFIGS) == set()

    answer(answers, truth, "cy", right=3)  # and by a mail program that knows better
    (answers / "answers-cy.json").rename(answers / "Answers-cy.json.txt")
    assert small.stale_rules("quiz", config=CONFIGS) == SCORED
    again = small.run("quiz", config=CONFIGS)
    assert again.returncode == 0, again.stdout
    words = json.loads((results / "tables/hippocampus/quiz_words.json").read_text())
    assert words["sentences"][0].startswith("3 persons looked at 6 images")
    (answers / "Answers-cy.json.txt").unlink()
    answer(answers, truth, "cy", right=3, quiz="another")
    refused = small.run("quiz", config=CONFIGS)
    assert refused.returncode != 0
    assert "ERROR QUIZ_ANSWERS sent back/answers-cy.json: it answers the quiz another" in refused.stdout
    small.edit("asked.yaml", "per_source: 3", "per_source: 2")
    assert small.stale_rules("quiz", config=CONFIGS) == {"make_quiz"} | SCORED

    (answers / "answers-cy.json").unlink()  # the page was handed out before the edit
    late = small.run("quiz", config=CONFIGS)
    now = "results/quiz/hippocampus/truth.json"
    kept = f"results/quiz/hippocampus/truths/{truth['quiz']}.json"
    assert late.returncode != 0 and f"copy {kept} to {now}" in late.stdout
    shutil.copy(small.folder / kept, small.folder / now)
    assert small.run("quiz", config=CONFIGS).returncode == 0
    with (results / "tables/hippocampus/quiz.csv").open() as file:
        assert [row["value"] for row in csv.DictReader(file) if row["score"] == "accuracy"][0] == "0.75"

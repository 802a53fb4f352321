"""Every number here was worked out by hand."""

import pytest

from synthem.quiz.answers import Sheet
from synthem.quiz.scoring import COLUMNS, d_prime, over_persons, score_quiz, wilson
from synthem.quiz.words import sentences

# Five real images (three of them of test slices), then five generated ones of two data sets.
SOURCES = ["test slices"] * 3 + ["training slices"] * 2 + ["one"] * 3 + ["two"] * 2
TRUTH = {"quiz": "abc", "items": [{"source": source} for source in SOURCES]}
WORDS = {"r": "real", "s": "synthetic"}


def sheet(person, letters):
    return Sheet(person, [WORDS[letter] for letter in letters], [float(n) for n in range(10)])


def rows_of(*sheets):
    return {(row["person"], row["source"], row["score"]): row for row in score_quiz(list(sheets), TRUTH)}


def test_the_interval_of_eight_in_ten():
    # z = 1.959964: middle (.8 + .192073) / 1.384146, half 1.416009 * sqrt(.016 + .0096036)
    assert wilson(8, 10) == pytest.approx((0.49016, 0.94332), abs=1e-5)
    # of none in ten: 3.841459 / 13.841459
    assert wilson(0, 10) == pytest.approx((0, 0.277533), abs=1e-6)
    assert wilson(10, 10) == pytest.approx((0.722467, 1), abs=1e-6)


def test_the_interval_of_a_mean_over_three_persons_is_students():
    # deviation .1, standard error .0577350, t(2) = 4.302653
    assert over_persons([0.5, 0.6, 0.7]) == pytest.approx((0.351586, 0.848414), abs=1e-6)
    assert over_persons([0.5]) == (None, None)


def test_d_prime_of_nine_and_two_in_ten():
    # z(9.5 / 11) = 1.0968, z(2.5 / 11) = -0.7479
    assert d_prime(9, 10, 2, 10) == pytest.approx(1.8447, abs=2e-4)
    assert d_prime(5, 10, 5, 10) == 0
    assert 0 < d_prime(10, 10, 0, 10) < 4  # (10.5 / 11, .5 / 11): 2 * 1.6906
    assert d_prime(10, 10, 0, 10) == pytest.approx(3.3812, abs=2e-4)


def test_one_person():
    rows = rows_of(sheet("ada", "rrs" + "rs" + "rss" + "sr"))
    shares = {
        source: (row["value"], row["n"])
        for (who, source, score), row in rows.items()
        if who == "ada" and score == "called_real"
    }
    assert shares == {
        "real images": (3 / 5, 5),
        "generated images": (2 / 5, 5),
        "test slices": (2 / 3, 3),
        "training slices": (1 / 2, 2),
        "one": (1 / 3, 3),
        "two": (1 / 2, 2),
    }
    right = rows["ada", "all images", "accuracy"]
    assert (right["value"], right["n"]) == (0.6, 10)
    assert (right["low"], right["high"]) == wilson(6, 10)
    assert rows["ada", "all images", "seconds"]["value"] == 4.5
    mean = rows["everyone", "all images", "accuracy"]
    assert (mean["value"], mean["n"], mean["low"], mean["high"]) == (0.6, 1, None, None)


def test_persons_count_alike_and_their_interval_is_over_persons():
    # 10, 6 and 2 of 10 right: mean .6, deviation .4, t(2) * .4 / sqrt(3) = .99366: all that is possible
    rows = rows_of(
        sheet("ada", "rrrrr" + "sssss"), sheet("bo", "rrsrs" + "rsssr"), sheet("cy", "srsrs" + "rrrrr")
    )
    mean = rows["everyone", "all images", "accuracy"]
    assert (mean["n"], mean["low"], mean["high"]) == (3, 0, 1)
    assert mean["value"] == pytest.approx(0.6)


def test_persons_who_agree_by_chance_are_no_more_certain_than_their_answers_as_one():
    rows = rows_of(sheet("ada", "rrsrs" + "rsssr"), sheet("bo", "rrsrs" + "rsssr"))
    mean = rows["everyone", "all images", "accuracy"]
    assert (mean["low"], mean["high"]) == pytest.approx(wilson(12, 20))
    assert rows["everyone", "all images", "d_prime"]["low"] is None


def test_rows_have_the_columns_of_the_table():
    assert {tuple(sorted(row)) for row in score_quiz([sheet("ada", "r" * 10)], TRUTH)} == {
        tuple(sorted(COLUMNS))
    }


@pytest.mark.parametrize(
    ("letters", "says"),
    [
        ("rrrrrsssss", "100% (91% to 100%) were right; chance is 50%. That is more than chance"),
        ("sssssrrrrr", "0% (0% to 9%) were right; chance is 50%. That is less than chance"),
        ("rrrsssrrrs", "50% (35% to 65%)"),
    ],
)
def test_the_words_follow_the_interval(letters, says):
    # four who agree: 40 of 40 right has the Wilson interval .912 to 1
    rows = score_quiz([sheet(name, letters) for name in "abcd"], TRUTH)
    said = sentences(rows, TRUTH)
    assert (
        said[0].startswith("4 persons looked at 10 images, half of them real. Of the answers, ")
        and says in said[0]
    )
    assert ("cannot be told from chance" in said[0]) == ("35%" in says)
    assert "Images of one were taken for real in" in said[2] and "does not know of other images" in said[-1]


def test_one_person_is_told_that_one_person_shows_little():
    said = sentences(score_quiz([sheet("ada", "rrrrrsssss")], TRUTH), TRUTH)
    assert said[0].startswith("1 person looked") and "Ask at least five" in said[0]

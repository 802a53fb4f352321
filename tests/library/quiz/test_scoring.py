"""Every number here was worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from synthem.metrics.ranges import wilson
from synthem.quiz.answers import Sheet
from synthem.quiz.intervals import CONFIDENCE, persons_and_images
from synthem.quiz.scoring import COLUMNS, d_prime, score_quiz
from synthem.quiz.words import sentences

# Five real images (three of them of test slices), then five generated ones of two data sets.
SOURCES = ["test slices"] * 3 + ["training slices"] * 2 + ["one"] * 3 + ["two"] * 2
BUDGETS = ["3"] * 7 + ["all"] * 3  # of `one` two images with 3 labelled slices, of `two` none
TRUTH = {
    "quiz": "abc",
    "items": [
        {"source": source, "path": f"synthesis/tissue/{source}/budget-{budget}/replicate-1/volume.h5"}
        for source, budget in zip(SOURCES, BUDGETS, strict=True)
    ],
}
WORDS = {"r": "real", "s": "synthetic"}


def sheet(person, letters):
    return Sheet(person, [WORDS[letter] for letter in letters], [float(n) for n in range(10)])


def rows_of(*sheets, truth=TRUTH):
    return {(row["person"], row["source"], row["score"]): row for row in score_quiz(list(sheets), truth)}


def test_the_interval_of_a_mean_over_three_persons_is_students():
    # deviation .1, standard error .0577350, t(2) = 4.302653
    assert persons_and_images([0.5, 0.6, 0.7], []) == pytest.approx((0.351586, 0.848414), abs=1e-6)
    assert persons_and_images([0.5], []) == persons_and_images([0.5, 0.5], []) == (None, None)


def test_an_interval_holds_for_other_images_too():
    # All three say the same: per kind the variance of (1, 1, 1, 0) / 2 is 1 / 16, of its mean 1 / 64; both
    # together 1 / 32 with 6 degrees of freedom, t = 2.446912, half .432557
    said = np.array([[1, 1, 1, 0]] * 3)
    found = persons_and_images([0.5] * 3, [said / 2, (1 - said) / 2])
    assert found == pytest.approx((0.067443, 0.932557), abs=1e-6)


def test_persons_and_images_are_a_layout_of_two_ways():
    # Four times the persons 1111, 1100, 1000, six times the images: means 1, 1/2, 1/4 and 1, 2/3, 1/3, 1/3,
    # sums of squares 28, 22 and 20 for the rest with 11, 23, 253 degrees of freedom, all over 288:
    # V = .008838 + .003321 - .000274 = .011885, df = V^2 / (.008838^2 / 11 + .003047^2 / 23) = 18.82,
    # t = 2.0944, half .2283
    said = np.tile([[1.0, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], (4, 6))
    found = persons_and_images(said.mean(axis=1), [said])
    assert found == pytest.approx((7 / 12 - 0.2283, 7 / 12 + 0.2283), abs=2e-4)


def test_few_persons_are_no_more_certain_than_by_themselves():
    # values 1 and 0: t(1) * sqrt(.5 / 2)
    found = persons_and_images([1, 0], [np.array([[1, 1, 1, 1], [0, 0, 0, 0]])])
    assert found == pytest.approx((0.5 - 6.353102, 0.5 + 6.353102), abs=1e-5)


@pytest.mark.parametrize("score", ["accuracy", "d_prime"])
def test_of_images_of_one_kind_nineteen_intervals_in_twenty_hold_chance(score):
    # 20 persons see alike which of 24 + 24 images look real, and both halves are of one source. Of persons
    # alone, 44 of 100 intervals did not hold chance.
    random, images, truth = np.random.default_rng(5), 48, {"items": [{"source": "test slices"}] * 24}
    truth["items"] = truth["items"] + [{"source": "painted"}] * 24
    held, chance = 0, {"accuracy": 0.5, "d_prime": 0}[score]
    for _ in range(200):
        looks_real = random.normal(0, 1, images) + random.normal(0, 0.3, (20, 1))
        said = random.random((20, images)) < norm.cdf(looks_real)
        sheets = [
            Sheet(f"p{n}", ["real" if one else "synthetic" for one in own], [1.0] * images)
            for n, own in enumerate(said)
        ]
        row = rows_of(*sheets, truth=truth)["everyone", "all images", score]
        held += row["low"] <= chance <= row["high"]
    assert held >= 184


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
    assert (right["low"], right["high"]) == wilson(6, 10, CONFIDENCE)
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


def test_persons_who_agree_on_every_image_say_no_more_of_other_images_than_their_number():
    # Per kind 3 of 5 right, variance .3 / 4, of the mean .015: .03 together with 8 degrees of freedom,
    # t = 2.306004, half .399412
    rows = rows_of(sheet("ada", "rrsrs" + "rsssr"), sheet("bo", "rrsrs" + "rsssr"))
    mean = rows["everyone", "all images", "accuracy"]
    assert (mean["low"], mean["high"]) == pytest.approx((0.200588, 0.999412), abs=1e-6)
    # d' of 3 and 2 of 5; without an image called real z falls by z(3.5 / 6) - z(2.5 / 5) = .210428, without
    # another it rises by z(3.5 / 5) - z(3.5 / 6) = .313973: 4 times both, of 3 and 2 images, have the
    # variance .3 * (4 * .524401)^2 = 1.319982, of the mean .263996, of both kinds .527993, t(8) as above
    distance = rows["everyone", "all images", "d_prime"]
    assert distance["high"] - distance["value"] == pytest.approx(1.6756, abs=1e-3)


def test_persons_who_are_always_right_are_no_more_certain_than_their_answers_as_one():
    rows = rows_of(*(sheet(person, "rrrrr" + "sssss") for person in ("ada", "bo")))
    mean = rows["everyone", "all images", "accuracy"]
    assert (mean["low"], mean["high"]) == pytest.approx(wilson(20, 20, CONFIDENCE))
    assert rows["everyone", "all images", "d_prime"]["low"] is None


def test_one_image_of_a_kind_has_no_interval_for_others():
    truth = {"items": [TRUTH["items"][0], TRUTH["items"][-1]]}
    sheets = [Sheet(person, ["real", "real"], [1.0, 1.0]) for person in ("ada", "bo")]
    assert rows_of(*sheets, truth=truth)["everyone", "all images", "accuracy"]["low"] is None
    assert "One image of a kind says nothing of others" in sentences(score_quiz(sheets, truth), truth)[0]


def test_rows_have_the_columns_of_the_table():
    assert {tuple(sorted(row)) for row in score_quiz([sheet("ada", "r" * 10)], TRUTH)} == {
        tuple(sorted(COLUMNS))
    }


@pytest.mark.parametrize(
    ("letters", "says"),
    [
        ("rrrrrsssss", "100% (91% to 100%) were right; chance is 50%. That is more than chance"),
        ("sssssrrrrr", "0% (0% to 9%) were right; chance is 50%. That is less than chance"),
        ("rrrsssrrrs", "50% (10% to 90%)"),
    ],
)
def test_the_words_follow_the_interval(letters, says):
    # four who agree: 40 of 40 right has the Wilson interval .912 to 1; of 3 and 2 in 5, half is .3994
    rows = score_quiz([sheet(name, letters) for name in "abcd"], TRUTH)
    said = sentences(rows, TRUTH)
    assert (
        said[0].startswith("4 persons looked at 10 images, half of them real. Of the answers, ")
        and says in said[0]
    )
    assert ("cannot be told from chance" in said[0]) == ("90%" in says)
    assert "Images of one (2 with 3 labelled slices, 1 with all labelled slices) were taken for" in said[2]
    assert "Images of two (2 with all labelled slices) were taken for real in" in said[3]
    assert ("the generated images of one, two together can" in said[0]) == ("more than" in says)
    assert "other such persons and other images" in said[-1]


def test_one_person_is_told_that_one_person_shows_little():
    said = sentences(score_quiz([sheet("ada", "rrrrrsssss")], TRUTH), TRUTH)
    assert said[0].startswith("1 person looked") and "Ask at least five" in said[0]

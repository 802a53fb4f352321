import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.ensemble import RandomForestClassifier  # noqa: E402

from synthem.kernels import voting as module  # noqa: E402
from synthem.kernels.voting import trees_of, voted  # noqa: E402

THRESHOLDS = [step / 20 for step in range(21)]  # of 40 trees, a sum of votes is at most of them exactly


def rows(count, seed, levels=None):
    """float32 [count, 6]; of few levels, the same row is there more than once."""
    random = np.random.default_rng(seed)
    wide = random.normal(0, 1, (count, 6)) if levels is None else random.integers(0, levels, (count, 6))
    return wide.astype(np.float32)


def grown(taught, marked, trees=40, **settings):
    return RandomForestClassifier(trees, random_state=0, **settings).fit(taught, marked)


def slow(forest, asked, threshold):
    """scikit-learn's own share of the trees, for every tree and pixel."""
    return forest.predict_proba(asked)[:, list(forest.classes_).index(True)] >= threshold


def noisy(taught):
    return taught[:, 0] * taught[:, 1] + np.random.default_rng(9).normal(0, 0.7, len(taught)) > 0.3


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_votes_are_those_of_scikit_learn(threshold):
    taught, asked = rows(500, 1), rows(2000, 2)
    forest = grown(taught, noisy(taught))
    assert (voted(asked.T, trees_of(forest, 1), threshold) == slow(forest, asked, threshold)).all()


@pytest.mark.parametrize("threshold", [0.1, 0.35, 0.5, 0.8])
def test_leaves_that_are_not_all_of_one_kind_vote_by_their_part(threshold):
    """Equal rows of both kinds, and values that lie on the limits of nodes or halfway between two of them."""
    taught = rows(900, 3, levels=3)
    forest = grown(taught, noisy(taught), max_depth=5)
    asked = rows(900, 4, levels=5) / 2
    parts = forest.estimators_[0].tree_.value[:, 0, 1]
    assert ((parts > 0) & (parts < 1)).any()
    assert (voted(asked.T, trees_of(forest, 1), threshold) == slow(forest, asked, threshold)).all()


def test_a_limit_between_two_floats_keeps_them_apart():
    """Halfway between two neighbouring numbers of 32 bits a limit has 64: rounded up, both would be left."""
    low, high = (np.float32(4) + step * np.spacing(np.float32(4)) for step in (1, 2))
    taught = np.array([[low], [high]] * 8, np.float32)
    forest = grown(taught, np.array([False, True] * 8), trees=5)
    limit = forest.estimators_[0].tree_.threshold[0]
    assert low < limit < high and np.float32(limit) == high
    assert voted(np.array([[low, high]]), trees_of(forest, 1), 0.5).tolist() == [0, 1]


def test_blocks_of_pixels_and_the_last_of_them_are_asked_alike(monkeypatch):
    taught, asked = rows(300, 5), rows(1001, 6)
    forest = grown(taught, noisy(taught))
    monkeypatch.setattr(module, "BLOCK", 100)
    assert (voted(asked.T, trees_of(forest, 1), 0.4) == slow(forest, asked, 0.4)).all()


def test_a_forest_of_one_kind_answers_it_everywhere_and_without_the_structure_nowhere():
    taught = rows(50, 7)
    forest = grown(taught, np.ones(50, bool), trees=7)
    assert voted(taught.T, trees_of(forest, 0), 1.0).all()
    assert not voted(taught.T, trees_of(forest, None), 0.1).any()


def test_no_pixels_get_no_votes():
    taught = rows(50, 8)
    forest = grown(taught, noisy(taught))
    assert voted(taught.T[:, :0], trees_of(forest, 1), 0.5).shape == (0,)

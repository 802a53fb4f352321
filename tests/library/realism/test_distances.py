"""Distances of two sets of images: against closed forms, slow references and their own floor."""

import numpy as np
import pytest

from synthem.realism.distances import frechet_distance, groups_of, jackknife_interval, kernel_distance
from synthem.realism.floors import floor_of, sizes_up_to


def normal(seed, n, length=6):
    return np.random.default_rng(seed).normal(size=(n, length))


def with_moments(seed, mean, deviations, n=40):
    """n points whose sample mean and covariance, diagonal, are exactly these."""
    points = normal(seed, n, len(mean))
    points -= points.mean(axis=0)
    white = points @ np.linalg.inv(np.linalg.cholesky(np.cov(points, rowvar=False))).T
    return white * deviations + mean


def slow_kernel_distance(a, b):
    def k(x, y):
        return (sum(p * q for p, q in zip(x, y, strict=True)) / len(x) + 1) ** 3

    n, m = len(a), len(b)
    within_a = sum(k(a[i], a[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    within_b = sum(k(b[i], b[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return within_a + within_b - 2 * sum(k(x, y) for x in a for y in b) / (n * m)


def test_the_frechet_distance_of_two_gaussians_is_that_of_the_closed_form():
    """Of diagonal covariances: |m - n|^2 + sum of (s - t)^2. Here 3^2 + 4^2 + 1^2 + 2^2 = 30."""
    a = with_moments(0, mean=[0, 0, 0], deviations=[1, 2, 5])
    b = with_moments(1, mean=[3, 4, 0], deviations=[2, 4, 5], n=70)
    assert frechet_distance(a, b) == pytest.approx(30)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_covariances_that_do_not_commute_are_compared_by_the_root_of_their_product():
    from scipy.linalg import sqrtm

    a, b = normal(0, 60, 4) @ normal(1, 4, 4), normal(2, 80, 4) @ normal(3, 4, 4)
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    means = a.mean(axis=0) - b.mean(axis=0)
    known = means @ means + np.trace(first + second - 2 * sqrtm(first @ second).real)
    assert frechet_distance(a, b) == pytest.approx(known)


def test_fewer_images_than_features_have_a_distance_too():
    """Two pairs of points, along axes that are at right angles: variances 2 and 8 share nothing."""
    a, b = np.zeros((2, 300)), np.zeros((2, 300))
    a[:, 0], b[:, 1] = (-1, 1), (-2, 2)
    assert frechet_distance(a, b) == pytest.approx(2 + 8)


def test_the_kernel_distance_is_the_sum_over_pairs():
    a, b = normal(0, 7), 1 + normal(1, 9)
    assert kernel_distance(a, b) == pytest.approx(slow_kernel_distance(a, b))


def test_the_kernel_distance_of_one_source_is_0_on_average_whatever_the_sizes():
    values = [kernel_distance(normal(seed, 12), normal(1000 + seed, 20)) for seed in range(400)]
    error = np.std(values) / 400**0.5
    assert abs(np.mean(values)) < 3 * error and min(values) < 0
    # Were images paired with themselves, too, the mean would be (1 / 12 + 1 / 20) (E k(x, x) - E k(x, y)):
    # the first is 8 and more, the second about 1.
    assert error < 0.9 / 20


def test_the_frechet_distance_of_one_source_falls_with_n_and_the_kernel_distance_does_not():
    pool = normal(5, 1000, 10)
    floors = [floor_of(frechet_distance, pool, None, n=n, seed=0)[0] for n in (16, 32, 64, 128, 256)]
    assert all(later < 0.7 * earlier for earlier, later in zip(floors, floors[1:], strict=False))
    for n in (16, 64, 256):
        mean, low, high = floor_of(kernel_distance, pool, None, n=n, seed=0)
        assert low < 0 < high and abs(mean) < (high - low) / 4


def test_the_floor_halves_share_no_image_and_two_pools_are_held_apart():
    same = np.arange(8.0)[:, None]

    def shares(a, b):
        return float(len(np.intersect1d(a, b)))

    assert floor_of(shares, same, None, n=4, seed=0) == (0, 0, 0)
    assert floor_of(shares, same, same, n=8, seed=0) == (8, 8, 8)
    assert sizes_up_to(130, wanted=40) == [16, 32, 40, 64, 128] and sizes_up_to(8, wanted=4) == [4]


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_the_interval_covers_a_distance_over_other_slices(distance):
    """Slices shift all their images: the truth is the mean over many draws of slices of the same numbers."""

    def draw(seed, shift):
        random = np.random.default_rng(seed)
        slices = np.repeat(np.arange(10), 6)
        of_slice = random.normal(0, 0.5, (10, 3))
        real, other = (of_slice[slices] + random.normal(size=(60, 3)) for _ in range(2))
        return (other + shift, slices), (real, slices)

    draws = [draw(seed, 1.0) for seed in range(150)]
    truth = np.mean([distance(*(features for features, _ in sets)) for sets in draws])
    ends = [jackknife_interval(distance, *sets) for sets in draws]
    covered = np.mean([low <= truth <= high for low, high in ends])
    assert 0.88 <= covered <= 1


def test_the_interval_of_a_mean_is_students():
    """The jackknife of a mean over equal groups is exactly the t interval of the groups' means."""
    from scipy import stats

    values, slices = np.random.default_rng(0).normal(size=(20, 1)), np.repeat(np.arange(5), 4)
    means = values.reshape(5, 4).mean(axis=1)
    known = stats.t.interval(0.95, 4, means.mean(), stats.sem(means))
    assert jackknife_interval(lambda own: float(own.mean()), (values, slices)) == pytest.approx(known)


def test_one_slice_has_no_interval_and_many_slices_are_groups_of_neighbours():
    assert jackknife_interval(
        kernel_distance, (normal(0, 9), np.full(9, 3)), (normal(1, 9), np.full(9, 3))
    ) == (
        None,
        None,
    )
    groups = groups_of(np.array([7, 1, 2, 2, *range(40, 58)]))
    assert len(groups) == 10 and list(groups[0]) == [1, 2, 7]

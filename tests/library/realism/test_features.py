import numpy as np
import pytest
from scipy import ndimage

from synthem.realism.components import Components, ellipse
from synthem.realism.diversity import other_slices, same_mask
from synthem.realism.features import NAMES, features_of, standardised


def patches(count=4, sigma=0.0, seed=0):
    random = np.random.default_rng(seed)
    grey = ndimage.gaussian_filter(random.normal(size=(count, 48, 48)), (0, sigma, sigma))
    return (128 + 40 * grey / grey.std()).clip(0, 255).astype(np.uint8)


def test_a_flat_patch_has_its_level_and_nothing_else():
    found = dict(zip(NAMES, features_of(np.full((1, 32, 32), 90, np.uint8))[0], strict=True))
    assert found.pop("mean_grey") == 90
    assert 30 <= len(found) <= 60 and list(found.values()) == pytest.approx([0] * len(found), abs=1e-3)


def test_colours_are_averaged_and_equal_patches_have_equal_bits():
    grey = patches()
    colours = np.stack([grey - np.minimum(grey, 9), grey, grey], axis=-1)
    assert (features_of(np.repeat(grey[..., None], 3, axis=-1)) == features_of(grey)).all()
    assert (features_of(colours) != features_of(grey)).any()


def test_blurred_patches_of_the_same_levels_lie_apart_in_their_slopes():
    sharp, smooth = (features_of(patches(sigma=sigma)).mean(axis=0) for sigma in (0, 2))
    number = NAMES.index("deviation_laplacian_0.7")
    assert smooth[number] < 0.5 * sharp[number]
    assert abs(smooth[0] - sharp[0]) < 3  # mean grey level


def test_features_are_counted_in_deviations_of_real_ones_and_constant_ones_stay():
    real = np.array([[0.0, 5.0], [2.0, 5.0]])  # means 1 and 5, deviations 1 and 0
    assert standardised(np.array([[3.0, 7.0]]), real).tolist() == [[2.0, 2.0]]


def test_a_generator_without_chance_has_no_diversity():
    draw = patches()
    assert (same_mask([draw, draw, draw]) == 0).all()


def test_diversity_is_the_mean_difference_of_two_draws_in_levels_of_minus_1_to_1():
    """Of levels 0, 51 and 255 (a fifth of 2 is 0.4): pairs 0.4, 2 and 1.6, mean 4 / 3; another mask has 0."""
    draws = [
        np.stack([np.full((5, 5), level), np.full((5, 5), 8)]).astype(np.uint8) for level in (0, 51, 255)
    ]
    assert same_mask(draws) == pytest.approx([4 / 3, 0], abs=1e-6)


def test_real_patches_are_held_against_those_of_other_slices_alone():
    images = np.stack([np.full((4, 4), level, np.uint8) for level in (0, 255, 51)])
    assert other_slices(images, np.array([7, 7, 9])) == pytest.approx([0.4, 1.6, 1.0], abs=1e-6)
    assert np.isnan(other_slices(images, np.array([7, 7, 7]))).all()


def test_components_are_the_directions_of_the_largest_spread():
    """Along (3, 4) / 5 points reach 10 to either side, across it 1: 100 / 101 of the variance."""
    along, across = np.array([3.0, 4.0]) / 5, np.array([4.0, -3.0]) / 5
    real = np.stack([10 * along, -10 * along, across, -across]) + [7, 9]
    components = Components(real)
    assert components.explained == pytest.approx([100 / 101, 1 / 101])
    assert components.of(np.array([[7 + 3, 9 + 4]])) == pytest.approx(np.array([[5.0, 0.0]]))


def test_an_ellipse_holds_95_percent_of_its_gaussian():
    points = np.random.default_rng(0).normal(size=(20000, 2)) * [3, 1] @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    centre, width, height, degrees = ellipse(points)
    turn = np.radians(degrees)
    turned = (points - centre) @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    inside = (2 * turned[:, 0] / width) ** 2 + (2 * turned[:, 1] / height) ** 2 <= 1
    assert inside.mean() == pytest.approx(0.95, abs=0.01)
    assert width / height == pytest.approx(3, rel=0.03)

import itertools

import numpy as np
import pytest
from skimage.metrics import hausdorff_distance

from synthem.errors import SynthemError
from synthem.metrics.definitions import SURFACES
from synthem.metrics.surfaces import distance_scores, surface, surface_distances, surface_scores

PERFECT = {name: metric.best for name, metric in SURFACES.items()}
CUBE = {"voxel_size_nm": (1.0, 1.0, 1.0), "threads": 1}


def line(*values):
    return np.array(values)[None, None]  # [1, 1, X]


def test_the_surface_is_where_a_structure_ends_and_not_where_the_volume_does():
    assert surface(line(1, 1, 1, 0, 2, 3, 3, 3)).astype(int).tolist() == [[[0, 0, 1, 0, 1, 1, 0, 0]]]


def test_the_surface_of_a_cube_is_its_shell():
    cube = np.zeros((5, 6, 7), np.uint8)
    cube[1:4, 1:5, 1:6] = 1
    assert surface(cube).sum() == 3 * 4 * 5 - 1 * 2 * 3


def test_unknown_ground_makes_no_surface():
    assert not surface(line(1, 1, 0), line(0, 0, 1)).any()
    assert not surface(line(1, 1, 0), line(0, 1, 0)).any()
    assert surface(line(1, 1, 0), line(1, 0, 0)).sum() == 1


def test_identical_structures_are_perfect():
    mask = line(0, 1, 1, 0)
    assert surface_scores(mask, mask, tolerance_nm=0.0, **CUBE) == PERFECT


def test_permuted_ids_are_perfect():
    scores = surface_scores(line(0, 9, 9, 4, 4, 0), line(0, 1, 1, 2, 2, 0), tolerance_nm=0.0, **CUBE)
    assert scores == PERFECT


def test_a_shift_by_a_pixel_of_4_nm_is_forgiven_within_4_nm():
    """Surfaces at 2 and 5, found at 3 and 6: each is 4 nm from the other one's."""
    mask, truth = line(0, 0, 0, 1, 1, 1, 1, 0), line(0, 0, 1, 1, 1, 1, 0, 0)
    scores = surface_scores(mask, truth, voxel_size_nm=(50.0, 7.0, 4.0), tolerance_nm=3.9, threads=1)
    assert scores == {
        "boundary_precision": 0.0,
        "boundary_recall": 0.0,
        "boundary_f1": 0.0,
        "assd_nm": 4.0,
        "hausdorff_nm": 4.0,
        "hd95_nm": 4.0,
    }
    forgiven = surface_scores(mask, truth, voxel_size_nm=(50.0, 7.0, 4.0), tolerance_nm=4.0, threads=1)
    assert forgiven["boundary_f1"] == 1.0


def test_distances_are_anisotropic():
    """One voxel each, one slice and one pixel apart: 40 and 3 nm."""
    mask, truth = np.zeros((2, 3, 3, 3), np.uint8)
    mask[1, 1, 1], truth[2, 1, 0] = 1, 1
    scores = surface_scores(mask, truth, voxel_size_nm=(40.0, 5.0, 3.0), tolerance_nm=1.0, threads=1)
    assert scores["hausdorff_nm"] == scores["assd_nm"] == pytest.approx(np.hypot(40, 3))


def test_one_of_two_structures_missed():
    """Found 2; true 2 and 8: all found is right, half of the true is found."""
    mask, truth = line(0, 0, 1, 0, 0, 0, 0, 0, 0, 0), line(0, 0, 1, 0, 0, 0, 0, 0, 1, 0)
    scores = surface_scores(mask, truth, tolerance_nm=1.0, **CUBE)
    assert scores == pytest.approx(
        {
            "boundary_precision": 1.0,
            "boundary_recall": 1 / 2,
            "boundary_f1": 2 / 3,
            "assd_nm": 6 / 3,
            "hausdorff_nm": 6.0,
            "hd95_nm": 0.95 * 6,
        }
    )


def test_without_a_surface_there_is_no_distance_and_f1_is_0():
    empty, one = line(0, 0, 0), line(0, 1, 0)
    for mask, truth, precision, recall in ((empty, one, None, 0.0), (one, empty, 0.0, None)):
        scores = surface_scores(mask, truth, tolerance_nm=9.0, **CUBE)
        assert (scores["boundary_precision"], scores["boundary_recall"]) == (precision, recall)
        assert scores["boundary_f1"] == 0.0
        assert scores["assd_nm"] is scores["hausdorff_nm"] is scores["hd95_nm"] is None


def test_without_any_surface_every_score_is_undefined_for_a_reason():
    for mask in (line(0, 0), line(1, 1)):  # nothing, or a structure that goes on on all sides
        assert surface_scores(mask, mask, tolerance_nm=1.0, **CUBE) == dict.fromkeys(SURFACES)


def test_unknown_ground_is_not_scored():
    mask, truth = line(0, 1, 0, 0, 1, 0), line(0, 1, 0, 0, 0, 0)
    scores = surface_scores(mask, truth, line(0, 0, 0, 1, 1, 1), tolerance_nm=0.0, **CUBE)
    assert scores == PERFECT


def test_scores_are_plain_floats_and_the_same_for_any_number_of_threads():
    mask, truth = np.random.default_rng(0).integers(0, 3, (2, 4, 9, 8))
    several = [
        surface_scores(mask, truth, voxel_size_nm=(40.0, 4.0, 4.0), tolerance_nm=4.0, threads=threads)
        for threads in (1, 2, 7)
    ]
    assert several[0] == several[1] == several[2]
    assert {type(value) for value in several[0].values()} == {float}


def test_the_hausdorff_distance_is_that_of_scikit_image():
    random = np.random.default_rng(1)
    for _ in range(10):
        mask, truth = random.random((2, 3, 8, 9)) < 0.05
        scores = surface_scores(mask, truth, tolerance_nm=1.0, **CUBE)
        assert scores["hausdorff_nm"] == pytest.approx(hausdorff_distance(surface(mask), surface(truth)))


def test_scores_agree_with_a_loop_over_all_pairs_of_surface_voxels():
    random = np.random.default_rng(2)
    size, tolerance = np.array([40.0, 5.0, 3.0]), 6.0
    for _ in range(10):
        labels, truth = np.repeat(random.integers(0, 3, (2, 3, 5, 3)), 3, axis=3)
        ignore = (random.random(truth.shape) < 0.2).astype(np.uint8)
        points = [list(shell(array, ignore)) for array in (labels, truth)]
        away = [
            [min(np.linalg.norm((np.array(p) - q) * size) for q in other) for p in one]
            for one, other in (points, points[::-1])
        ]
        right, seen = (np.mean(np.array(side) <= tolerance) for side in away)
        scores = surface_scores(labels, truth, ignore, voxel_size_nm=size, tolerance_nm=tolerance, threads=1)
        assert scores == pytest.approx(
            {
                "boundary_precision": right,
                "boundary_recall": seen,
                "boundary_f1": 2 * right * seen / (right + seen),
                "assd_nm": np.mean(away[0] + away[1]),
                "hausdorff_nm": max(away[0] + away[1]),
                "hd95_nm": max(np.percentile(side, 95) for side in away),
            }
        )


def shell(labels, ignore):
    """Places of surface voxels, from the definition."""
    for place in np.ndindex(labels.shape):
        if labels[place] == 0 or ignore[place]:
            continue
        for axis, step in itertools.product(range(3), (-1, 1)):
            other = tuple(p + step * (a == axis) for a, p in enumerate(place))
            inside = all(0 <= p < size for p, size in zip(other, labels.shape, strict=True))
            if inside and not ignore[other] and labels[other] != labels[place]:
                yield place
                break


def test_arrays_of_different_shapes_are_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE"):
        surface_scores(line(1, 0), line(1, 0, 0), tolerance_nm=1.0, **CUBE)


def test_distances_of_tiles_in_a_row_score_as_one():
    """A tile without a true surface adds wrong voxels, and no distance."""
    near = surface_distances(line(0, 1, 1, 0), line(0, 1, 1, 0), **CUBE)
    alone = surface_distances(line(0, 1, 0, 0), line(0, 0, 0, 0), **CUBE)
    assert [len(side) for side in alone] == [1, 0] and np.isinf(alone[0]).all()
    scores = distance_scores(
        *(np.concatenate(side) for side in zip(near, alone, strict=True)), tolerance_nm=0.0
    )
    assert (scores["boundary_precision"], scores["boundary_recall"]) == (2 / 3, 1.0)
    assert (scores["assd_nm"], scores["hausdorff_nm"]) == (0.0, 0.0)

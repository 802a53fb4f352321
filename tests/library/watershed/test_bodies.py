import tracemalloc

import numpy as np
import pytest
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.watershed import bodies
from synthem.watershed.bodies import segment_instances, tune_threshold
from tests.shared.slow_bodies import slow_bodies

FINE = (2, 2, 2)


def balls(shape, voxel_size_nm, centres_nm, radius_nm):
    """Probability 1 inside balls given in nm, else 0."""
    places = np.indices(shape).T * voxel_size_nm
    inside = [((places - np.asarray(centre)) ** 2).sum(-1).T <= radius_nm**2 for centre in centres_nm]
    return np.any(inside, axis=0).astype(np.float32)


SETTINGS = {
    "linked": True,
    "threshold": 0.5,
    "seeds": "distance",
    "seed_distance_nm": 40,
    "smallest_nm3": 0,
    "fill_holes": False,
    "per_slice": False,
    "link_overlap": 0,
}


def segment(probability, voxel_size_nm=(5, 5, 5), **changes):
    return segment_instances(probability, voxel_size_nm, **SETTINGS | changes)


def test_threshold_with_the_best_iou_is_chosen():
    probability = np.float32([[[0.1, 0.45, 0.65, 0.9]]])
    truth = np.uint8([[[0, 0, 1, 1]]])
    tuned = tune_threshold(probability, truth, thresholds=[0.4, 0.6, 0.8])
    assert tuned["threshold"] == 0.6
    assert tuned["validation_iou"] == 1.0
    assert [point["iou"] for point in tuned["curve"]] == [pytest.approx(2 / 3), 1.0, 0.5]
    assert tuned["reason"] == ""


def test_a_probability_at_the_threshold_counts_as_structure():
    tuned = tune_threshold(np.float32([[[0.3, 0.1]]]), np.uint8([[[1, 0]]]), thresholds=[0.3])
    assert tuned["validation_iou"] == 1.0
    assert segment(np.float32([[[0.3, 0.1]]]), threshold=0.3).tolist() == [[[1, 0]]]


@pytest.mark.parametrize(
    ("thresholds", "chosen"),
    [([0.2, 0.6], 0.6), ([0.7, 0.3], 0.3), ([0.9, 0.1, 0.8], 0.8)],
    ids=["nearest to a half", "equally near: the lower", "any order"],
)
def test_ties_of_the_threshold(thresholds, chosen):
    probability, truth = np.float32([[[0.0, 1.0]]]), np.uint8([[[0, 1]]])
    assert tune_threshold(probability, truth, thresholds=thresholds)["threshold"] == chosen


def test_a_threshold_is_tuned_on_known_voxels_only():
    probability = np.float32([[[0.1, 0.45, 0.65, 0.9, 0.95, 0.5]]])
    truth = np.uint8([[[0, 0, 1, 1, 0, 1]]])  # the last two are wrong, and said to be unknown
    tuned = tune_threshold(probability, truth, np.uint8([[[0, 0, 0, 0, 1, 1]]]), thresholds=[0.4, 0.6, 0.8])
    assert tuned["threshold"] == 0.6 and tuned["validation_iou"] == 1.0
    assert [point["iou"] for point in tuned["curve"]] == [pytest.approx(2 / 3), 1.0, 0.5]


def test_truth_that_is_all_unknown_is_no_truth():
    truth = np.uint8([[[0, 1]]])
    tuned = tune_threshold(np.float32([[[0.2, 0.9]]]), truth, np.ones_like(truth), thresholds=[0.4])
    assert tuned["validation_iou"] is None and "no voxel" in tuned["reason"]


def test_without_truth_there_is_a_reason_instead_of_an_iou():
    tuned = tune_threshold(np.float32([[[0.2, 0.9]]]), np.zeros((1, 1, 2)), thresholds=[0.2, 0.4, 0.9])
    assert tuned["threshold"] == 0.4
    assert tuned["validation_iou"] is None
    assert {point["iou"] for point in tuned["curve"]} == {None}
    assert "no voxel" in tuned["reason"]


def test_truth_of_another_shape_is_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE"):
        tune_threshold(np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 3)), thresholds=[0.5])


@pytest.mark.parametrize("bad", [np.full((2, 3, 3), np.nan, np.float32), np.zeros((3, 3), np.float32)])
def test_a_probability_that_is_not_finite_or_not_3d_is_refused(bad):
    with pytest.raises(SynthemError, match="DATA_VALUE"):
        segment(bad)


def test_background_has_no_instance():
    labels = segment(np.zeros((3, 8, 8), np.float32))
    assert labels.dtype == np.uint32
    assert labels.shape == (3, 8, 8)
    assert not labels.any()


def test_a_volume_full_of_structure_is_one_instance():
    assert (segment(np.ones((3, 8, 8), np.float32)) == 1).all()


@pytest.mark.parametrize("voxel_size_nm", [(5, 5, 5), (20, 5, 5)])
def test_two_touching_balls_are_cut_where_they_touch(voxel_size_nm):
    shape = tuple(int(size // side) for size, side in zip((120, 120, 200), voxel_size_nm, strict=True))
    probability = balls(shape, voxel_size_nm, [(60, 60, 60), (60, 60, 130)], 40)
    labels = segment(probability, voxel_size_nm)
    assert set(np.unique(labels)) == {0, 1, 2}
    np.testing.assert_array_equal(labels > 0, probability > 0)
    x = np.indices(shape)[2] * voxel_size_nm[2]
    left, right = labels[(labels > 0) & (x < 90)], labels[(labels > 0) & (x > 100)]
    assert len(set(left)) == len(set(right)) == 1
    assert left[0] != right[0]


def test_distances_are_measured_in_nanometres():
    """Two balls 80 nm apart in z are cut with voxels of 20 nm, but not if z is said to be 1 nm thick."""
    probability = balls((11, 24, 24), (20, 5, 5), [(60, 60, 60), (140, 60, 60)], 42)
    assert segment(probability, (20, 5, 5)).max() == 2
    assert segment(probability, (1, 5, 5)).max() == 1


def dumbbell():
    """Two discs 100 nm apart along x, pixels of 2 nm, and a thread between them."""
    probability = balls((1, 60, 110), FINE, [(0, 60, 60), (0, 60, 160)], 45)
    probability[0, 30, 30:80] = 1
    return probability


@pytest.mark.parametrize(("seed_distance_nm", "instances"), [(95, 2), (105, 1)])
def test_seeds_nearer_than_the_seed_distance_are_one(seed_distance_nm, instances):
    assert segment(dumbbell(), FINE, seed_distance_nm=seed_distance_nm).max() == instances


def test_pieces_that_are_all_too_small_stay_together_if_their_sum_is_not():
    probability = dumbbell()
    labels = segment(probability, FINE, smallest_nm3=0.6 * 8 * probability.sum())
    np.testing.assert_array_equal(labels, probability.astype(np.uint32))


def test_a_long_body_with_a_rough_border_stays_whole():
    rng = np.random.default_rng(0)
    y, x = np.indices((40, 160))
    radius = 8 + rng.normal(0, 0.7, (9, 1, 160))
    probability = (np.abs(y - 20) <= radius) & (x > 5) & (x < 155)
    assert segment(probability.astype(np.float32), (20, 5, 5), seed_distance_nm=60).max() == 1


def test_a_too_small_object_is_removed_and_ids_stay_consecutive():
    probability = np.zeros((1, 9, 30), np.float32)
    probability[0, 1:3, 1:3] = 1  # 4 voxels of 125 nm3
    probability[0, 2:7, 10:15] = 1  # 25
    probability[0, 2:7, 20:25] = 1
    assert segment(probability, smallest_nm3=4 * 125).max() == 3
    labels = segment(probability, smallest_nm3=4 * 125 + 1)
    assert set(np.unique(labels)) == {0, 1, 2}
    assert not labels[0, 1:3, 1:3].any()


def test_a_small_piece_of_a_large_object_joins_it_instead_of_leaving_a_hole():
    probability = balls((24, 24, 40), (5, 5, 5), [(60, 60, 50)], 45)
    probability = np.maximum(probability, balls((24, 24, 40), (5, 5, 5), [(60, 60, 130)], 30))
    probability[12, 12, 15:25] = 1  # a thread between the two balls
    assert segment(probability).max() == 2
    labels = segment(probability, smallest_nm3=2e5)  # the small ball has 4 / 3 pi 30**3 = 1.1e5 nm3
    np.testing.assert_array_equal(labels, (probability > 0).astype(np.uint32))


def test_the_same_probability_gives_the_same_labels():
    probability = np.random.default_rng(3).random((6, 30, 30), np.float32)
    np.testing.assert_array_equal(segment(probability), segment(probability.copy()))


def test_tiles_are_no_neighbours():
    probability = np.ones((2, 3, 4), np.float32)
    probability[:, :, 2] = 0
    assert segment(probability, linked=True)[:, 0].tolist() == [[1, 1, 0, 2]] * 2
    assert segment(probability, linked=False)[:, 0].tolist() == [[1, 1, 0, 2], [3, 3, 0, 4]]


def test_seeds_of_probability_cut_where_the_network_doubts_and_not_where_the_mask_is_narrow():
    probability = np.zeros((1, 20, 60), np.float32)
    probability[0, 5:15, 5:55] = 0.9
    probability[0, 5:15, 29:31] = 0.6  # a bar of even width, with a faint line across
    assert segment(probability, seeds="distance").max() == 1
    labels = segment(probability, seeds="probability")
    assert labels.max() == 2
    assert (labels[0, 5:15, 5:28] == 1).all() and (labels[0, 5:15, 32:55] == 2).all()
    narrow = dumbbell()
    assert segment(narrow, FINE, seeds="distance", seed_distance_nm=60).max() == 2
    # The probability of a dumbbell is 1 all over, and its smoothed maxima lie in the discs too.
    np.testing.assert_array_equal(segment(narrow, FINE, seeds="probability") > 0, narrow > 0)


def ring():
    """A square ring in each of three slices; the first slice has a lid where the others have the hole."""
    probability = np.zeros((4, 9, 9), np.float32)
    probability[:, 1:8, 1:8] = 1
    probability[1:3, 3:6, 3:6] = 0
    return probability


def test_holes_are_filled_where_the_mask_encloses_them():
    closed = ring()
    assert not segment(closed)[1, 4, 4]
    assert (segment(closed, fill_holes=True)[:, 1:8, 1:8] == 1).all()
    open_tube = closed[1:]
    assert not segment(open_tube, fill_holes=True)[0, 4, 4], "the way out of the first slice is open"
    assert segment(open_tube, fill_holes=True, per_slice=True)[:, 4, 4].all()
    assert segment(open_tube, fill_holes=True, linked=False)[:, 4, 4].all()


def test_slices_are_segmented_by_themselves_and_linked_where_they_overlap():
    probability = np.zeros((3, 8, 8), np.float32)
    probability[0, 1:5, 1:5] = probability[1, 1:5, 1:5] = 1
    probability[2, 4:8, 4:8] = 1  # one voxel above the square below: IoU 1 / 31
    assert segment(probability).max() == 1
    assert [plane.max() for plane in segment(probability, per_slice=True)] == [1, 2, 3]
    linked = segment(probability, per_slice=True, link_overlap=0.5)
    assert [plane.max() for plane in linked] == [1, 1, 2]
    unlinked = segment(probability, per_slice=True, link_overlap=0.5, linked=False)
    assert [plane.max() for plane in unlinked] == [1, 2, 3], "tiles are no neighbours"


def test_what_is_linked_counts_as_one_for_the_smallest_size():
    probability = np.zeros((3, 8, 8), np.float32)
    probability[0:2, 1:5, 1:5] = 1  # twice 16 voxels of 125 nm3
    probability[2, 6:8, 6:8] = 1
    labels = segment(probability, per_slice=True, link_overlap=0.5, smallest_nm3=32 * 125)
    assert [plane.max() for plane in labels] == [1, 1, 0]
    assert not segment(probability, per_slice=True, smallest_nm3=32 * 125).any()


def test_a_long_neck_is_cut_in_its_middle():
    """Two discs with pixels of 2 nm and a bar of even width between them: its ridge is flat."""
    probability = balls((1, 60, 160), FINE, [(0, 60, 60), (0, 60, 260)], 45)
    probability[0, 25:36, 30:131] = 1
    labels = segment(probability, FINE)
    assert set(np.unique(labels)) == {0, 1, 2}
    x = np.indices(labels.shape)[2]
    assert labels[(labels > 0) & (x < 72)].max() == 1 and labels[(labels > 0) & (x > 88)].min() == 2


@pytest.mark.parametrize("seeds", ["distance", "probability"])
def test_parts_of_one_voxel_are_instances(seeds):
    probability = np.zeros((3, 5, 5), np.float32)
    probability[0, 0, 0] = probability[1, 2, 2] = probability[2, 4, 4] = 0.7
    labels = segment(probability, (50, 9, 9), seeds=seeds)
    assert [labels[0, 0, 0], labels[1, 2, 2], labels[2, 4, 4]] == [1, 2, 3]
    assert np.count_nonzero(labels) == 3
    assert not segment(probability, (50, 9, 9), seeds=seeds, smallest_nm3=2 * 50 * 9 * 9).any()


@pytest.mark.parametrize("shape", [(3, 8, 9), (1, 8, 9), (1, 1, 1)])
@pytest.mark.parametrize("seeds", ["distance", "probability"])
def test_a_part_without_a_border_is_one_instance(seeds, shape):
    assert (segment(np.ones(shape, np.float32), seeds=seeds) == 1).all()


def test_a_full_slice_is_cut_where_its_probability_is_low():
    probability = np.full((1, 10, 40), 0.9, np.float32)
    probability[..., 19] = 0.6
    labels = segment(probability, seeds="probability")
    assert (labels[..., :19] == 1).all() and (labels[..., 20:] == 2).all()


def test_bodies_go_on_behind_the_faces_of_the_volume():
    """Half a ball in a corner of the volume is deepest at the face, and stays whole beside another."""
    probability = balls((24, 24, 40), (5, 5, 5), [(0, 60, 60), (0, 60, 135)], 42)
    labels = segment(probability)
    assert labels.max() == 2 and labels[0, 12, 12] == 1 and labels[0, 12, 27] == 2


def blobs(shape, voxel_size_nm, seed, steps=None):
    """Probability of random blobs that touch, some 20 nm thick; in `steps` where there are any."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.standard_normal(shape), np.minimum(12 / np.array(voxel_size_nm), 4))
    probability = 1 / (1 + np.exp(-3 * (noise / noise.std() - rng.uniform(-0.4, 0.8))))
    return np.float32(np.round(probability * steps) / steps if steps else probability)


@pytest.mark.parametrize("seeds", ["distance", "probability"])
@pytest.mark.parametrize(
    ("shape", "voxel_size_nm"),
    [
        ((16, 32, 36), (5, 5, 5)),
        ((8, 32, 36), (50, 9, 9)),
        ((8, 32, 36), (20, 5, 5)),
        ((1, 60, 60), (40, 4, 4)),
        ((9, 30, 40), (4.6, 1.3, 0.7)),
    ],
)
def test_instances_are_those_of_scikit_image(shape, voxel_size_nm, seeds):
    """But for what may go to either side: a hill without a seed, where saddles to both are a level apart."""
    different = []
    for seed in range(8):
        probability = blobs(shape, voxel_size_nm, seed, steps=255 if seed % 2 else None)
        # Smoothed over 1.5 to 2.5 pixels: without that, most voxels are as high as one beside them.
        apart = (6 + 2 * (seed % 3)) * voxel_size_nm[1]
        settings = {"seeds": seeds, "threshold": 0.5, "seed_distance_nm": apart}
        settings["smallest_nm3"] = (seed % 4) * 10 * np.prod(voxel_size_nm)
        labels = segment(probability, voxel_size_nm, **settings)
        expected = slow_bodies(probability, voxel_size_nm, **settings)
        assert labels.max() == expected.max()
        different.append(np.mean(labels != expected))
    assert np.median(different) <= 0.0002 and max(different) <= 0.02, different


@pytest.mark.parametrize(("seeds", "pieces"), [("distance", 12), ("probability", 205)])
def test_threads_change_nothing(monkeypatch, seeds, pieces):
    noise = ndimage.gaussian_filter(np.random.default_rng(2).random((12, 60, 70)), 1)
    probability = np.float32((noise - noise.min()) / np.ptp(noise))  # 12 parts
    how = {"threshold": 0.55, "seeds": seeds, "seed_distance_nm": 20}
    alone = segment(probability, **how)
    assert alone.max() == pieces
    np.testing.assert_array_equal(segment(probability, threads=3, **how), alone, "parts side by side")
    monkeypatch.setattr(bodies, "WORTH_THREADS", 1)
    np.testing.assert_array_equal(segment(probability, threads=3, **how), alone, "threads within a part")


def test_cutting_takes_a_tenth_of_the_memory_that_it_took():
    """126 bytes for each voxel of a body's box, with scipy and scikit-image in 64 bits."""
    probability = balls((80, 80, 80), (5, 5, 5), [(200, 200, 200)], 195)
    segment(probability[:3])  # compiles
    for seeds in ("distance", "probability"):
        tracemalloc.start()
        segment(probability, seeds=seeds)
        peak = tracemalloc.get_traced_memory()[1] / probability.size
        tracemalloc.stop()
        assert peak <= 20, "of which parts and labels of the whole volume take 8"

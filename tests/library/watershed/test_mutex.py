import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.labels.boundaries import LONG_STEPS_IN_SLICE, SHORT_STEPS_IN_SLICE
from synthem.watershed.mutex import mutex_watershed
from tests.shared.true_affinities import affinities

ROW = ((0, 0, 1), (0, 0, 2))


def slow_mutex_watershed(affinity, steps, attractive, stride, mask):
    """By definition: sorted edges, sets of voxels, and a list of pairs of voxels that exclude each other."""
    edges = []
    for channel, step in enumerate(steps):
        for place in map(tuple, np.argwhere(mask)):
            partner = tuple(np.add(place, step).tolist())
            if not all(0 <= i < n for i, n in zip(partner, mask.shape, strict=True)) or not mask[partner]:
                continue
            if channel >= attractive and any(i % every for i, every in zip(place, stride, strict=True)):
                continue
            weight = affinity[channel][place]
            weight = weight if channel < attractive else 1 - weight
            edges.append((-weight, channel, tuple(map(int, place)), partner))
    cluster = {tuple(map(int, place)): frozenset([tuple(map(int, place))]) for place in np.argwhere(mask)}
    apart = []
    for _, channel, one, other in sorted(edges):
        a, b = cluster[one], cluster[other]
        if a == b:
            continue
        if channel >= attractive:
            apart.append((one, other))
        elif not any((i in a and j in b) or (i in b and j in a) for i, j in apart):
            for place in a | b:
                cluster[place] = a | b
    labels, ids = np.zeros(mask.shape, np.uint32), {}
    for place in sorted(cluster):
        labels[place] = ids.setdefault(cluster[place], len(ids) + 1)
    return labels


def row(attraction, affinity_of_two_steps):
    """Labels of one row of voxels."""
    affinity = np.zeros((2, 1, 1, len(attraction) + 1))
    affinity[0, 0, 0, :-1] = attraction
    affinity[1, 0, 0, :-2] = affinity_of_two_steps
    mask = np.ones(affinity.shape[1:], bool)
    return mutex_watershed(affinity, ROW, attractive=1, stride=(1, 1, 1), mask=mask)[0, 0].tolist()


def test_a_sure_repulsion_stops_weaker_attractions():
    assert row([0.9, 0.6], [0.1]) == [1, 1, 2]  # .9 merges, then 1 - .1 = .9 repels, then .6 may not merge
    assert row([0.6, 0.9], [0.1]) == [1, 2, 2]


def test_a_repulsion_that_comes_late_changes_nothing():
    assert row([0.9, 0.8], [0.3]) == [1, 1, 1]


def test_exclusions_pass_on_when_clusters_merge():
    # Voxel 0 and 2 exclude each other first; then 2 and 3 merge, so 0 excludes 3 as well.
    assert row([0.7, 0.6, 0.8], [0.05, 0.9]) == [1, 1, 2, 2]


def test_of_equal_weights_attraction_comes_first():
    assert row([0.75, 0.75], [0.25]) == [1, 1, 1]


@pytest.mark.parametrize("stride", [(1, 1, 1), (1, 2, 3)])
@pytest.mark.parametrize("decimals", [1, 7])
@pytest.mark.parametrize(
    ("shape", "steps", "attractive"),
    [
        ((1, 7, 8), ((0, -1, 0), (0, 0, -1), (0, -2, 0), (0, 2, -3), (0, 0, -4)), 2),
        (
            (3, 4, 5),
            ((-1, 0, 0), (0, -1, 0), (0, 0, -1), (-1, -1, -1), (0, 2, -2), (2, 0, 3), (5, 0, 0), (0, -9, 1)),
            3,
        ),
    ],
)
def test_labels_are_those_of_the_definition(shape, steps, attractive, decimals, stride):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        affinity = np.round(rng.random((len(steps), *shape)), decimals).astype(np.float32)
        mask = rng.random(shape) < 0.9
        found = mutex_watershed(affinity, steps, attractive=attractive, stride=stride, mask=mask)
        expected = slow_mutex_watershed(affinity, steps, attractive, stride, mask)
        np.testing.assert_array_equal(found, expected, strict=True)


def test_true_affinities_give_the_cells_back():
    y, x = np.indices((64, 64))
    cells = (1 + (y // 16) * 4 + x // 16)[None]
    steps = SHORT_STEPS_IN_SLICE + LONG_STEPS_IN_SLICE
    everywhere = np.ones(cells.shape, bool)
    for stride in ((1, 1, 1), (1, 4, 4)):
        affinity = affinities(cells, steps).astype(np.float32)
        labels = mutex_watershed(affinity, steps, attractive=2, stride=stride, mask=everywhere)
        if stride == (1, 1, 1):
            # Steps that leave the volume have affinity 0, but there is no such edge.
            np.testing.assert_array_equal(labels, cells)
        for cell in range(1, 17):
            assert len(np.unique(labels[cells == cell])) == 1


def test_many_exclusions_outgrow_the_first_table():
    """A chess board of repulsion: every voxel stays alone, with thousands of pairs."""
    steps = ((0, 0, 1), (0, 1, 0), (0, 0, 1), (0, 1, 0))
    affinity = np.zeros((4, 1, 60, 60), np.float32)
    affinity[:2] = 0.5
    labels = mutex_watershed(affinity, steps, attractive=2, stride=(1, 1, 1), mask=np.ones((1, 60, 60), bool))
    np.testing.assert_array_equal(labels.ravel(), np.arange(1, 3601))


def test_outside_of_the_mask_there_is_no_label_and_no_edge():
    affinity = np.ones((1, 1, 1, 5))
    mask = np.array([[[1, 1, 0, 1, 1]]], bool)
    labels = mutex_watershed(affinity, [(0, 0, 1)], attractive=1, stride=(1, 1, 1), mask=mask)
    assert labels.tolist() == [[[1, 1, 0, 2, 2]]]


@pytest.mark.parametrize(
    ("shape", "attractive"), [((2, 1, 3, 3), 1), ((1, 1, 3, 4), 1), ((1, 1, 3, 3), 0), ((1, 1, 3, 3), 2)]
)
def test_affinities_that_do_not_fit_the_steps_are_refused(shape, attractive):
    with pytest.raises(SynthemError, match="DATA_SHAPE affinities"):
        mutex_watershed(
            np.ones(shape),
            [(0, 0, 1)],
            attractive=attractive,
            stride=(1, 1, 1),
            mask=np.ones((1, 3, 3), bool),
        )


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1])
def test_affinities_out_of_range_are_refused(bad):
    with pytest.raises(SynthemError, match="DATA_VALUE affinities"):
        mutex_watershed(
            np.full((1, 1, 2, 2), bad),
            [(0, 0, 1)],
            attractive=1,
            stride=(1, 1, 1),
            mask=np.ones((1, 2, 2), bool),
        )


def test_more_edges_than_have_numbers_are_refused():
    huge = np.broadcast_to(np.uint8(1), (2, 2001, 1000, 1000))  # takes no memory
    with pytest.raises(SynthemError, match="DATA_SHAPE affinities: 4002000000 edges"):
        mutex_watershed(huge, [(0, 0, 1), (0, 1, 0)], attractive=2, stride=(1, 1, 1), mask=huge[0])

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.labels.boundaries import SHORT_STEPS, SHORT_STEPS_IN_SLICE
from synthem.watershed.agglomeration import find_contacts, merge_fragments


def agglomerate(fragments, affinities, steps, **settings):
    contacts = find_contacts(fragments, affinities, steps, quantile=settings["quantile"])
    return merge_fragments(fragments, contacts, **settings)


def slow_agglomerate(fragments, affinities, steps, quantile, threshold):
    """All affinities of every pair of clusters listed anew after each merge."""
    cluster = {int(i): int(i) for i in np.unique(fragments) if i}
    while True:
        borders = {}
        for channel, step in enumerate(steps):
            for place in np.ndindex(fragments.shape):
                partner = tuple(np.add(place, step))
                if all(0 <= i < n for i, n in zip(partner, fragments.shape, strict=True)):
                    one, other = cluster.get(int(fragments[place])), cluster.get(int(fragments[partner]))
                    if one and other and one != other:
                        pair = (min(one, other), max(one, other))
                        borders.setdefault(pair, []).append(float(affinities[channel][place]))
        scores = {pair: score(values, quantile) for pair, values in borders.items()}
        if not scores or max(scores.values()) < threshold:
            names = sorted(set(cluster.values()))
            return sum(
                (fragments == fragment) * (1 + names.index(name)) for fragment, name in cluster.items()
            )
        keep, gone = min(scores, key=lambda pair: (-scores[pair], pair))
        cluster = {fragment: keep if name == gone else name for fragment, name in cluster.items()}


def score(values, quantile):
    if quantile is None:
        return sum(values) / len(values)
    rank = max(int(np.ceil(quantile * len(values))), 1)
    return (int(sorted(values)[rank - 1] * 256) + 0.5) / 256


def chain(affinity):
    """Fragments 1, 2, .. of two voxels each in a row, with these affinities from each into the next."""
    fragments = np.repeat(np.arange(1, len(affinity) + 2), 2)[None, None]
    steps = np.ones((1, 1, 1, fragments.size))
    steps[0, 0, 0, 1:-1:2] = affinity
    return fragments, steps


def merged(affinity, **settings):
    fragments, steps = chain(affinity)
    return agglomerate(fragments, steps, [(0, 0, 1)], **settings)[0, 0, ::2].tolist()


@pytest.mark.parametrize("quantile", [None, 0.5])
def test_fragments_merge_down_to_the_threshold(quantile):
    assert merged([0.9, 0.2, 0.7], quantile=quantile, threshold=0.95) == [1, 2, 3, 4]
    assert merged([0.9, 0.2, 0.7], quantile=quantile, threshold=0.8) == [1, 1, 2, 3]
    assert merged([0.9, 0.2, 0.7], quantile=quantile, threshold=0.5) == [1, 1, 2, 2]
    assert merged([0.9, 0.2, 0.7], quantile=quantile, threshold=0.1) == [1, 1, 1, 1]


def test_the_border_of_a_merged_pair_is_the_mean_over_both():
    """1 and 2 merge first; both touch 3, over one voxel with .875 and over three with .25."""
    fragments = np.array([[[1, 3], [2, 3], [2, 3], [2, 3]]])
    affinity = np.zeros((2, *fragments.shape))
    affinity[0, 0, :, 0] = [0.875, 0.25, 0.25, 0.25]  # to the right: the mean is .40625
    affinity[1, 0, :3] = 0.95  # downwards
    steps = [(0, 0, 1), (0, 1, 0)]
    assert agglomerate(fragments, affinity, steps, quantile=None, threshold=0.4063).max() == 2
    assert agglomerate(fragments, affinity, steps, quantile=None, threshold=0.40625).max() == 1
    assert agglomerate(fragments, affinity, steps, quantile=1.0, threshold=0.8).max() == 1
    assert agglomerate(fragments, affinity, steps, quantile=0.75, threshold=0.8).max() == 2


def test_contacts_list_each_pair_once_with_all_its_affinities():
    fragments = np.array([[[5, 2], [5, 2], [0, 2]]])
    affinity = np.zeros((1, *fragments.shape))
    affinity[0, 0, :, 0] = [0.25, 0.5, 1.0]
    contacts = find_contacts(fragments, affinity, [(0, 0, 1)], quantile=None)
    assert contacts.pairs.tolist() == [[2, 5]]
    assert contacts.sums.tolist() == [[2, 0.75]]


@pytest.mark.parametrize("quantile", [None, 0.0, 0.25, 0.6, 1.0])
@pytest.mark.parametrize(("shape", "steps"), [((1, 10, 12), SHORT_STEPS_IN_SLICE), ((3, 6, 6), SHORT_STEPS)])
def test_labels_are_those_of_a_slow_search(shape, steps, quantile):
    rng = np.random.default_rng(4)
    coarse = rng.permutation(60)[: int(np.prod([-(-n // 2) for n in shape]))].reshape(
        [-(-n // 2) for n in shape]
    )
    fragments = coarse.repeat(2, 0).repeat(2, 1).repeat(2, 2)[tuple(slice(n) for n in shape)]
    affinity = rng.random((len(steps), *shape))
    counts = []
    for threshold in (0.3, 0.55, 0.8):
        found = agglomerate(fragments, affinity, steps, quantile=quantile, threshold=threshold)
        expected = slow_agglomerate(fragments, affinity, steps, quantile, threshold)
        np.testing.assert_array_equal(found, expected)
        counts.append(found.max())
    assert any(1 < count < coarse.size - 1 for count in counts)


def test_without_fragments_there_are_no_labels():
    empty = np.zeros((1, 3, 3), np.uint32)
    labels = agglomerate(empty, np.ones((1, 1, 3, 3)), [(0, 0, 1)], quantile=None, threshold=0.5)
    np.testing.assert_array_equal(labels, empty, strict=True)


def test_fragments_that_touch_none_stay():
    fragments = np.array([[[7, 0, 3]]], np.uint32)
    labels = agglomerate(fragments, np.ones((1, 1, 1, 3)), [(0, 0, 1)], quantile=0.5, threshold=0.1)
    assert labels.tolist() == [[[2, 0, 1]]]


def test_affinities_of_another_shape_are_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE affinities"):
        agglomerate(np.ones((1, 2, 2), int), np.ones((2, 1, 2, 2)), [(0, 0, 1)], quantile=None, threshold=0.5)

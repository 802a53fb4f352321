"""Phantoms: the truth is complete and consistent, and the picture shows what the truth says."""

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.phantoms.kinds import KINDS, make_phantom

TINY = (4, 64, 64)
NEURAL = ("larva", "hippocampus")


@pytest.fixture(scope="module", params=NEURAL)
def neural(request):
    return make_phantom(kind=request.param, shape=(12, 128, 128), seed=5)


@pytest.fixture(scope="module")
def hippocampus():
    return make_phantom(kind="hippocampus", shape=(24, 128, 128), seed=2)


def contents(phantom):
    arrays = {
        "image": phantom.image,
        **phantom.masks,
        **{f"labels {k}": v for k, v in phantom.labels.items()},
    }
    return {name: array.tobytes() for name, array in arrays.items()}


def structure(phantom):
    return phantom.masks["glomeruli" if "glomeruli" in phantom.masks else "mitochondria"]


def correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes(kind):
    one, other = (make_phantom(kind=kind, shape=TINY, seed=3) for _ in range(2))
    assert contents(one) == contents(other)


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_another_phantom(kind):
    one, other = (make_phantom(kind=kind, shape=TINY, seed=seed) for seed in (3, 4))
    assert all(contents(one)[name] != contents(other)[name] for name in contents(one))


@pytest.mark.parametrize("kind", NEURAL)
def test_arrays_have_the_promised_shapes_and_types(kind):
    phantom = make_phantom(kind=kind, shape=(5, 64, 80), seed=0)
    assert set(phantom.masks) == {"mitochondria", "membrane"}
    assert set(phantom.labels) == {"neurites", "mitochondria"}
    arrays = {"image": phantom.image, **phantom.masks}
    assert {(a.shape, a.dtype.name) for a in arrays.values()} == {((5, 64, 80), "uint8")}
    assert {(a.shape, a.dtype.name) for a in phantom.labels.values()} == {((5, 64, 80), "uint32")}


def test_glomeruli_are_colour_tiles():
    phantom = make_phantom(kind="glomeruli", shape=(2, 64, 80), seed=0)
    assert (phantom.image.shape, phantom.image.dtype) == ((2, 64, 80, 3), np.uint8)
    assert phantom.masks["glomeruli"].shape == phantom.labels["glomeruli"].shape == (2, 64, 80)
    assert phantom.voxel_size_nm == (1000, 500, 500)


def test_only_the_larva_is_anisotropic():
    sizes = {kind: make_phantom(kind=kind, shape=TINY, seed=0).voxel_size_nm for kind in NEURAL}
    assert sizes == {"larva": (50, 5, 5), "hippocampus": (5, 5, 5)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_every_third_of_the_smallest_phantom_shows_the_structure(kind, seed):
    thirds = np.array_split(structure(make_phantom(kind=kind, shape=TINY, seed=seed)), 3)
    assert all(third.any() for third in thirds)


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_numbered_without_holes(kind):
    phantom = make_phantom(kind=kind, shape=TINY, seed=1)
    for name, labels in phantom.labels.items():
        present = np.union1d(labels, [0])
        assert present.tolist() == list(range(len(present))), name


@pytest.mark.parametrize("kind", KINDS)
def test_masks_are_zero_or_one_and_cover_exactly_their_labels(kind):
    phantom = make_phantom(kind=kind, shape=TINY, seed=1)
    assert all(set(np.unique(mask)) == {0, 1} for mask in phantom.masks.values())
    for name in phantom.masks.keys() & phantom.labels.keys():
        assert np.array_equal(phantom.masks[name] == 1, phantom.labels[name] > 0)


def test_every_voxel_is_either_membrane_or_in_a_neurite(neural):
    assert np.array_equal(neural.masks["membrane"] == 1, neural.labels["neurites"] == 0)


def test_each_mitochondrion_lies_inside_one_neurite(neural):
    neurites, mitochondria = neural.labels["neurites"], neural.labels["mitochondria"]
    assert mitochondria.max() >= 2
    for number in range(1, mitochondria.max() + 1):
        host = np.unique(neurites[mitochondria == number])
        assert len(host) == 1 and host[0] > 0


def test_membrane_separates_the_neurites_of_a_section(neural):
    neurites = neural.labels["neurites"].astype(int)
    pairs = [(neurites[:, 1:], neurites[:, :-1]), (neurites[:, :, 1:], neurites[:, :, :-1])]
    for one, other in pairs:
        assert not ((one != other) & (one > 0) & (other > 0)).any()


def test_a_section_shows_several_neurites_that_go_on_in_the_next(neural):
    one, other = (set(np.unique(neural.labels["neurites"][z])) - {0} for z in (0, 1))
    assert len(one) >= 5
    assert len(one & other) >= 0.6 * len(one | other)


def test_membranes_are_darker_than_the_inside_of_cells(neural):
    membrane, mitochondria = (neural.masks[name] == 1 for name in ("membrane", "mitochondria"))
    assert neural.image[membrane].mean() < neural.image[~membrane & ~mitochondria].mean() - 25


def test_mitochondria_fill_a_twelfth_of_the_hippocampus_or_so(hippocampus):
    assert 0.06 <= hippocampus.masks["mitochondria"].mean() <= 0.12


def test_mitochondria_begin_and_end_within_the_hippocampus(hippocampus):
    mitochondria = hippocampus.labels["mitochondria"]
    first, last = (set(np.unique(mitochondria[z])) - {0} for z in (0, -1))
    assert first != last


@pytest.mark.parametrize("seed", [1, 2])
def test_no_threshold_finds_the_mitochondria_of_the_hippocampus(seed):
    phantom = make_phantom(kind="hippocampus", shape=(12, 128, 128), seed=seed)
    truth = phantom.masks["mitochondria"] == 1
    overlaps = []
    for threshold in range(256):
        dark = phantom.image <= threshold
        overlaps.append((dark & truth).sum() / (dark | truth).sum())
    assert max(overlaps) < 0.5


def test_sections_of_the_larva_differ_more_than_slices_of_the_hippocampus():
    larva, hippocampus = (make_phantom(kind=kind, shape=(4, 128, 128), seed=7).image for kind in NEURAL)
    assert correlation(larva[0], larva[1]) < correlation(hippocampus[0], hippocampus[1]) - 0.1


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(SynthemError, match="larva or hippocampus or glomeruli"):
        make_phantom(kind="liver", shape=TINY, seed=0)


@pytest.mark.parametrize("shape", [(4, 64), (4, 32, 64), (0, 64, 64)])
def test_a_shape_that_is_too_small_is_refused(shape):
    with pytest.raises(SynthemError, match="phantom shape"):
        make_phantom(kind="larva", shape=shape, seed=0)

import numpy as np
import pytest
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.synthesis.masks import displacement, new_masks, warp

PIXEL = (5, 5)


def make(
    masks, voxel_size_nm=(50, 5, 5), *, slices=6, elastic_nm=0, elastic_scale_nm=150, seed=0, labels=None
):
    new, labels, sources = new_masks(
        masks,
        labels or {},
        voxel_size_nm,
        slices=slices,
        elastic_nm=elastic_nm,
        elastic_scale_nm=elastic_scale_nm,
        seed=seed,
    )
    return (new, sources) if not labels else (new, labels, sources)


def rings(side, *, width):
    """Closed rings around cells, as a membrane mask [side, side], and their centres."""
    y, x = np.indices((side, side))
    centres = [(cy, cx) for cy in range(30, side - 20, 45) for cx in range(30, side - 20, 45)]
    distance = np.min([np.abs(np.hypot(y - cy, x - cx) - 15) for cy, cx in centres], axis=0)
    return (distance <= width / 2).astype(np.uint8), centres


def leaks(membrane, inside):
    """In how many cells (ids in `inside`) the background is connected to that around all membranes."""
    regions, _ = ndimage.label(membrane == 0)
    around = np.bincount(regions[membrane == 0]).argmax()
    return len(set(inside[(regions == around) & (inside > 0)]))


def symmetries(mask):
    return [np.rot90(side, k) for side in (mask, mask[::-1]) for k in range(4)]


def test_without_bending_each_new_slice_is_a_symmetry_of_its_source():
    real = np.random.default_rng(1).integers(0, 2, (3, 7, 7), np.uint8)
    new, sources = make({"mitochondria": real}, slices=40)
    seen = set()
    for slice_, source in zip(new["mitochondria"], sources, strict=True):
        matches = [k for k, s in enumerate(symmetries(real[source])) if (slice_ == s).all()]
        assert len(matches) == 1
        seen.update(matches)
    assert seen == set(range(8))


@pytest.mark.parametrize(
    ("shape", "voxel_size_nm"),
    [((2, 4, 7), (50, 5, 5)), ((2, 6, 6), (50, 5, 8))],
    ids=["oblong", "oblong pixels"],
)
def test_axes_that_differ_are_never_exchanged(shape, voxel_size_nm):
    real = np.random.default_rng(1).integers(0, 2, shape, np.uint8)
    new, sources = make({"mitochondria": real}, voxel_size_nm, slices=30)
    for slice_, source in zip(new["mitochondria"], sources, strict=True):
        kept = real[source]
        assert any((slice_ == s).all() for s in (kept, kept[::-1], kept[:, ::-1], kept[::-1, ::-1]))


def test_new_masks_come_only_from_the_given_slices_and_use_all_of_them():
    """Each real slice holds another number of voxels, which turning keeps."""
    real = np.zeros((5, 8, 8), np.uint8)
    for z in range(5):
        real[z].flat[: 3 + z] = 1
    new, sources = make({"membrane": real}, slices=10)
    assert [int(s.sum()) for s in new["membrane"]] == [3 + source for source in sources]
    assert sorted(sources) == sorted(list(range(5)) * 2)


def test_slice_n_depends_on_the_seed_and_n_only():
    real = rings(120, width=3)[0][None].repeat(3, axis=0)
    few, few_sources = make({"membrane": real}, slices=4, elastic_nm=40, seed=7)
    many, many_sources = make({"membrane": real}, slices=9, elastic_nm=40, seed=7)
    np.testing.assert_array_equal(few["membrane"], many["membrane"][:4])
    assert few_sources == many_sources[:4]
    assert all(type(source) is int for source in few_sources)
    other, _ = make({"membrane": real}, slices=4, elastic_nm=40, seed=8)
    assert (other["membrane"] != few["membrane"]).any()
    assert (many["membrane"][0] != many["membrane"][1]).any()


def test_bent_masks_stay_masks_of_about_the_same_area():
    real = rings(160, width=4)[0][None]
    new, _ = make({"membrane": real}, elastic_nm=60, elastic_scale_nm=250)
    assert new["membrane"].dtype == np.uint8
    assert new["membrane"].shape == (6, 160, 160)
    assert set(np.unique(new["membrane"])) == {0, 1}
    assert (new["membrane"] != real).any()
    assert new["membrane"].mean() == pytest.approx(real.mean(), rel=0.2)


def test_what_lies_inside_or_apart_stays_so():
    membrane, centres = rings(160, width=3)
    y, x = np.indices(membrane.shape)
    body = np.min([np.hypot(y - cy, x - cx) for cy, cx in centres], axis=0) < 13  # touches the membrane
    core = np.min([np.hypot(y - cy, x - cx) for cy, cx in centres], axis=0) < 6
    masks = {"membrane": membrane, "mitochondria": body.astype(np.uint8), "core": core.astype(np.uint8)}
    assert not (membrane & body).any()
    new, _ = make({name: mask[None] for name, mask in masks.items()}, slices=10, elastic_nm=60)
    assert not (new["membrane"] & new["mitochondria"]).any()
    assert (new["mitochondria"] >= new["core"]).all()


@pytest.mark.parametrize("width", [1.5, 2, 3])
def test_thin_membranes_stay_closed(width):
    membrane, centres = rings(160, width=width)
    cells, number = ndimage.label(
        np.min([np.hypot(*(np.indices((160, 160)).T - c).T) for c in centres], axis=0) < 8
    )
    assert number == len(centres)
    assert leaks(membrane, cells) == 0
    plain = 0
    for n in range(8):
        bend = displacement(np.random.default_rng(n), (160, 160), PIXEL, 60, 150)
        places = np.indices((160, 160)) + bend
        bent_cells = ndimage.map_coordinates(cells, places, order=0, mode="mirror")
        assert leaks(warp(membrane, bend)[0], bent_cells) == 0
        plain += leaks(ndimage.map_coordinates(membrane, places, order=0, mode="mirror"), bent_cells)
    if width < 3:
        assert plain > 0  # the nearest pixel alone would have torn some


def test_the_field_has_the_strength_and_the_correlation_it_was_asked_for():
    pixel = (5, 10)
    bend = displacement(np.random.default_rng(0), (900, 450), pixel, 60, 150)
    bend_nm = bend * np.reshape(pixel, (2, 1, 1))
    assert np.sqrt((bend_nm**2).sum(0).mean()) == pytest.approx(60, rel=0.1)
    for axis, side in enumerate(pixel, 1):
        near = np.roll(bend_nm, -150 // side, axis=axis)
        correlation = (bend_nm * near).mean() / (bend_nm**2).mean()
        assert correlation == pytest.approx(np.exp(-1), abs=0.1)


@pytest.mark.parametrize("shapes", [[(2, 8, 8), (3, 8, 8)], [(0, 8, 8)], [(8, 8)], []])
def test_masks_that_do_not_fit_together_are_refused(shapes):
    with pytest.raises(SynthemError, match="DATA_SHAPE"):
        make({str(n): np.zeros(shape, np.uint8) for n, shape in enumerate(shapes)})


def test_masks_that_abut_do_not_overlap_when_moved_by_half_a_pixel():
    left = np.repeat([[1, 1, 0, 0]], 4, axis=0)
    half = np.stack([np.zeros((4, 4)), np.full((4, 4), 0.5)])
    assert not (warp(left, half)[0] & warp(1 - left, half)[0]).any()


def test_a_full_and_an_empty_mask_stay_so():
    bend = displacement(np.random.default_rng(0), (20, 20), PIXEL, 60, 150)
    assert warp(np.ones((20, 20)), bend)[0].all()
    assert not warp(np.zeros((20, 20)), bend)[0].any()


def test_labels_keep_their_numbers_and_move_with_their_mask():
    """Numbers that float32 could not tell apart; every slice has its own."""
    real = rings(120, width=3)[0][None].repeat(3, axis=0)
    regions = ndimage.label(1 - real[0])[0].astype(np.uint32)
    numbers = np.stack([2**31 + 2 * z + 100 * regions for z in range(3)]) * (1 - real)
    new, labels, sources = make({"cells": 1 - real}, elastic_nm=40, labels={"cells": numbers})
    assert labels["cells"].dtype == np.uint32
    for mask, found, source in zip(new["cells"], labels["cells"], sources, strict=True):
        assert set(np.unique(found)) == set(np.unique(numbers[source]))
        assert ((found > 0) == mask).mean() > 0.98  # the edge itself is rounded in two ways


def test_without_bending_labels_are_turned_like_their_mask():
    random = np.random.default_rng(1)
    real = random.integers(0, 5, (3, 7, 7), np.uint32)
    new, labels, _ = make({"cells": (real > 0).astype(np.uint8)}, slices=20, labels={"cells": real})
    assert ((labels["cells"] > 0) == new["cells"]).all()
    assert sorted(np.unique(labels["cells"])) == sorted(np.unique(real))


def test_a_membrane_that_is_drawn_again_belongs_to_no_cell():
    """Cells that touch under a thin membrane: where the nearest pixel had lost it, it parts them again."""
    membrane = np.zeros((1, 160, 160), np.uint8)
    membrane[0, :, ::9] = 1
    cells = (1 + np.arange(160) // 9)[None, None].repeat(160, axis=1).astype(np.uint32)
    found = 0
    for seed in range(4):
        made = {"membrane": membrane, "cells": np.ones_like(membrane)}
        new, labels, _ = make(made, elastic_nm=60, seed=seed, slices=3, labels={"cells": cells})
        assert labels["cells"][new["membrane"] == 0].all()
        found += (labels["cells"] == 0).sum()
    assert found


def test_a_structure_map_moves_with_the_masks_and_takes_no_instance_away():
    labels = np.zeros((1, 64, 64), np.uint32)
    labels[0, 16:48, 16:48] = 7
    mask = (labels > 0).astype(np.uint8)
    lines = np.zeros((1, 64, 64), np.uint8)
    lines[0, ::3] = 1  # so thin that bending breaks them, and they are drawn again
    settings = {"slices": 3, "elastic_nm": 20, "elastic_scale_nm": 80, "seed": 1}
    voxel = (5, 5, 5)
    alone, numbered, _ = new_masks({"cells": mask}, {"cells": labels}, voxel, **settings)
    made, beside, _ = new_masks(
        {"cells": mask, "structure-canny": lines, "structure-otsu": mask},
        {"cells": labels},
        voxel,
        **settings,
        maps=["structure-canny", "structure-otsu"],
    )
    assert (made["structure-otsu"] == made["cells"]).all() and (made["cells"] == alone["cells"]).all()
    assert (beside["cells"] == numbered["cells"]).all()
    _, cut, _ = new_masks({"cells": mask, "walls": lines}, {"cells": labels}, voxel, **settings)
    assert (cut["cells"] != numbered["cells"]).any()  # of a mask they are walls

import numpy as np
import pytest
from scipy import ndimage

from synthem.storage.volumes import Facts, Volume
from synthem.synthesis.masks import turned
from synthem.synthesis.pairs import made_pairs
from synthem.synthesis.pasting import Cutout, cutouts_of, paste_all, pasted_pairs

SHAPE = (64, 64)


def volume(image, mask, **parts):
    made = Volume(image, Facts((50, 5, 5)), {"mito": mask} | parts.pop("masks", {}), **parts)
    return made_pairs(made, origin="real", sources=range(3, 3 + len(image)))


def boxes(*places, shape=SHAPE):
    """A mask [1, Y, X] of boxes (y, x, height, width)."""
    mask = np.zeros((1, *shape), np.uint8)
    for y, x, height, width in places:
        mask[0, y : y + height, x : x + width] = 1
    return mask


def painted(mask):
    return np.where(mask > 0, 200, 100).astype(np.uint8)


def paste(made, slices=6, seed=0):
    return pasted_pairs(made, structure="mito", slices=slices, seed=seed)


def test_one_object_becomes_two_with_image_and_mask():
    mask = boxes((20, 20, 8, 8))
    made = paste(volume(painted(mask), mask))
    assert (made.image == painted(made.masks["mito"])).all()
    for found in made.masks["mito"]:
        assert found.sum() == 2 * 64 and ndimage.label(found)[1] == 2
        assert found[20:28, 20:28].all()
    assert made.facts.provenance == {"origin": "copy_paste", "source_slices": [3] * 6}
    assert len({found.tobytes() for found in made.masks["mito"]}) == 6


def test_what_it_was_made_of_stays_as_it_was():
    mask = boxes((20, 20, 8, 8))
    real = volume(painted(mask), mask)
    paste(real)
    assert real.masks["mito"].sum() == 64 and (real.image == painted(boxes((20, 20, 8, 8)))).all()


@pytest.mark.parametrize(
    "places",
    [
        [(0, 20, 8, 8)],
        [(20, 56, 8, 8)],
        [(2, 20, 8, 8)],
        [(20, 20, 8, 8), (20, 29, 8, 8)],
        [(20, 20, 3, 5)],
    ],
    ids=["at a border", "at another", "with its border cut off", "close together", "a speck"],
)
def test_objects_that_are_not_whole_or_not_alone_are_not_used(places):
    mask = boxes(*places)
    made = paste(volume(painted(mask), mask))
    assert (made.masks["mito"] == mask).all() and (made.image == painted(mask)).all()


def test_objects_with_two_pixels_between_them_are_used():
    mask = boxes((20, 20, 8, 8), (20, 30, 8, 8))
    assert (paste(volume(painted(mask), mask)).masks["mito"].sum(axis=(1, 2)) == 4 * 64).all()


def test_an_object_beside_unknown_voxels_is_not_used():
    mask, ignore = boxes((20, 20, 8, 8)), boxes((20, 29, 1, 1))
    made = paste(volume(painted(mask), mask, ignore={"mito": ignore}))
    assert (made.masks["mito"] == mask).all() and (made.ignore["mito"] == ignore).all()


def test_nothing_is_pasted_over_objects_membranes_and_unknown_places():
    """Membranes part the slice into cells of 30 pixels; each pasted object keeps two pixels from all."""
    mask = boxes((8, 8, 9, 7), (40, 72, 11, 6), shape=(96, 128))
    membrane, ignore = np.zeros_like(mask), boxes((0, 96, 96, 32), shape=(96, 128))
    membrane[:, ::31] = membrane[:, :, ::31] = 1
    membrane[mask > 0] = 0
    real = volume(painted(mask), mask, masks={"membrane": membrane}, ignore={"mito": ignore})
    made = paste(real, slices=20)
    added = made.masks["mito"] - mask
    assert added.sum() > 20 * 100 and set(np.unique(added)) == {0, 1}
    near = np.stack([ndimage.distance_transform_edt(1 - plane) < 3 for plane in added])
    assert not (near & ((mask | membrane | ignore) > 0)).any()
    cells, _ = ndimage.label(1 - membrane[0])
    for plane in added:
        parts, number = ndimage.label(plane)
        assert all(len(np.unique(cells[parts == k])) == 1 for k in range(1, number + 1))


def test_instances_are_cut_out_one_by_one_and_get_numbers_of_their_own():
    mask = boxes((20, 20, 8, 8), (20, 40, 8, 8))
    labels = mask.astype(np.uint32) * 9
    labels[0, :, 36:] *= 200_000_000
    made = paste(volume(painted(mask), mask, labels={"mito": labels}))
    for numbers, found in zip(made.labels["mito"], made.masks["mito"], strict=True):
        assert ((numbers > 0) == found).all()
        assert len(np.unique(numbers)) == 5 and ndimage.label(found)[1] == 4
        assert (np.bincount(np.unique(numbers, return_inverse=True)[1].ravel())[1:] == 64).all()


def test_all_turns_are_used_of_square_slices_and_four_of_others():
    shape = np.zeros((9, 6), np.uint8)
    shape[:, :2] = shape[-2:, :4] = 1  # an L
    for size, turns in (((64, 64), 8), ((64, 80), 4)):
        mask = np.zeros((1, *size), np.uint8)
        mask[0, 20:29, 20:26] = shape
        found = set()
        for plane in paste(volume(painted(mask), mask), slices=60).masks["mito"] - mask:
            (box,) = ndimage.find_objects(plane)
            turn = [n for n in range(8) if np.array_equal(turned(shape[:, :4], n), plane[box])]
            assert len(turn) == 1
            found.update(turn)
        assert found == set(range(turns))


def test_the_border_fades_into_the_slice():
    """At 1 pixel from the object 2 / 3 of what was around it, at 2 pixels 1 / 3, then nothing."""
    numbered = np.zeros((30, 30), int)
    numbered[10:20, 10:20] = 1
    (cutout,) = cutouts_of(np.full((30, 30), 6.0), numbered, np.zeros((30, 30), bool))
    seen, full = np.zeros((60, 60)), np.zeros((60, 60), bool)
    ((_, place),) = paste_all([cutout], seen, full, np.random.default_rng(0))
    y, x = (side.start for side in place)
    assert seen[y + 8, x : x + 8] == pytest.approx([0, 2, 4, 6, 6, 6, 6, 6])
    assert seen.max() == 6 and (seen > 0).sum() == full.sum()


def test_an_object_goes_where_it_looks_like_its_surroundings():
    distance = np.maximum(np.abs(np.mgrid[-6:7, -6:7]).max(axis=0) - 3, 0)
    cutout = Cutout(np.full((13, 13), 5.0), distance)
    seen = np.zeros((80, 80))
    seen[:, 40:] = 5
    pasted = paste_all([cutout] * 4, seen, np.zeros((80, 80), bool), np.random.default_rng(0))
    assert len(pasted) == 4 and all(place[1].start + 1 >= 40 for _, place in pasted)


def test_an_object_is_as_bright_against_another_exposure():
    """The second slice is the first with 0.5 of its contrast, 60 levels brighter."""
    mask = np.repeat(boxes((20, 20, 8, 8)), 2, axis=0)
    image = np.stack([painted(mask)[0], 60 + painted(mask)[0] // 2])
    made = paste(volume(image, mask), slices=10)
    for plane, found, source in zip(
        made.image, made.masks["mito"], made.facts.provenance["source_slices"], strict=True
    ):
        wanted = painted(found) if source == 3 else 60 + painted(found) // 2
        assert found.sum() == 2 * 64 and (plane == wanted).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("colours", [(), (3,)])
def test_images_of_every_form_keep_what_is_not_covered(dtype, colours):
    image = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (2, *SHAPE, *colours), dtype, True)
    mask = np.concatenate([boxes((20, 20, 8, 8)), boxes((40, 30, 6, 12))])
    real = volume(image, mask)
    made = paste(real, slices=4)
    assert made.image.dtype == dtype and made.image.shape == (4, *SHAPE, *colours)
    for plane, found, source in zip(
        made.image, made.masks["mito"], made.facts.provenance["source_slices"], strict=True
    ):
        before, added = real.image[source - 3], found - mask[source - 3]
        untouched = ndimage.distance_transform_edt(1 - added) >= 3
        assert added.any() and (plane[untouched] == before[untouched]).all()
        assert (plane[added > 0] != before[added > 0]).mean() > 0.9


def test_a_slice_depends_on_the_seed_and_its_number_only():
    mask = boxes((20, 20, 8, 8))
    few, many = (paste(volume(painted(mask), mask), slices=n, seed=4) for n in (3, 7))
    assert (few.image == many.image[:3]).all()
    other = paste(volume(painted(mask), mask), slices=3, seed=5)
    assert (few.image != other.image).any()


def test_slices_without_an_object_stay_as_they_are():
    mask = np.zeros((1, *SHAPE), np.uint8)
    made = paste(volume(painted(mask), mask))
    assert not made.masks["mito"].any() and (made.image == 100).all() and len(made.image) == 6

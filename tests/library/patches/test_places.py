import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.intensity import as_bytes, colours_last, from_unit, network_input, slice_statistics, to_unit
from synthem.patches.chance import PLACE, streams_of, uniforms
from synthem.patches.places import (
    LEAST_KNOWN,
    PatchSet,
    cut_patch,
    draw_places,
    one_after_the_other,
    reflect_to,
)


def numbered(name="real", shape=(3, 20, 30)):
    """A set in which every voxel has its own grey level."""
    image = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    masks = {"structure": (image % 3 == 0).astype(np.uint8), "parity": (image % 2).astype(np.uint8)}
    return PatchSet(name, image, masks)


def draw_patch(examples, *, seed, number, size):
    return cut_patch(examples, draw_places([examples], [(0, number)], seed=seed, size=size)[0], size)


def corners(patches):
    return [int(patch.image[0, 0]) for patch in patches]


def test_image_and_conditions_are_of_one_place():
    patch = draw_patch(numbered(), seed=0, number=7, size=8)
    assert patch.image.shape == (8, 8)
    assert (patch.conditions == [patch.image % 3 == 0, patch.image % 2]).all()
    assert (np.diff(patch.image.astype(int), axis=1) == 1).all()  # neighbours are neighbours


def test_a_patch_depends_on_seed_set_and_number_only():
    first = corners(draw_patch(numbered(), seed=0, number=n, size=4) for n in range(20))
    backwards = corners(draw_patch(numbered(), seed=0, number=n, size=4) for n in reversed(range(20)))
    assert first == backwards[::-1]
    assert first != corners(draw_patch(numbered(), seed=1, number=n, size=4) for n in range(20))
    assert first != corners(draw_patch(numbered("other"), seed=0, number=n, size=4) for n in range(20))


def test_every_slice_and_border_is_reached():
    drawn = [draw_patch(numbered(shape=(2, 5, 5)), seed=0, number=n, size=4).image[0, 0] for n in range(200)]
    assert set(drawn) == {25 * z + 5 * y + x for z in (0, 1) for y in (0, 1) for x in (0, 1)}


def test_a_slice_smaller_than_the_patch_is_mirrored():
    plane = np.array([[1, 2, 3]], np.uint8)
    assert (reflect_to(plane, 5) == [[1, 2, 3, 2, 1]] * 5).all()
    assert draw_patch(numbered(shape=(2, 3, 40)), seed=0, number=0, size=16).image.shape == (16, 16)


def test_masks_of_another_shape_are_refused():
    image = np.zeros((1, 4, 4, 3), np.uint8)
    for what in ("target", "ignore"):
        with pytest.raises(SynthemError, match=f"ERROR DATA_SHAPE real: {what}"):
            PatchSet("real", image, **{what: np.zeros((1, 4, 5), np.uint8)})


def test_every_slice_is_seen_with_mean_0_and_deviation_1():
    plane = np.array([[0, 2], [4, 6]], np.uint8)
    image = np.stack([plane, 10 * plane + 100])  # the same section, in another exposure
    means, deviations = slice_statistics(image)
    assert means.tolist() == [3, 130]
    seen = [
        network_input(*triple, np.empty((0, 2, 2))) for triple in zip(image, means, deviations, strict=True)
    ]
    np.testing.assert_allclose(seen[0], seen[1], rtol=1e-6)
    np.testing.assert_allclose([seen[0].mean(), seen[0].std()], [0, 1], atol=1e-6)


def test_a_blank_slice_becomes_zeros():
    blank = np.full((1, 4, 4), 77, np.uint8)
    (mean,), (deviation,) = slice_statistics(blank)
    assert (network_input(blank[0], mean, deviation, np.empty((0, 4, 4))) == 0).all()


def test_bytes_survive_the_way_to_the_generators_range_and_back():
    levels = np.arange(256, dtype=np.uint8)
    assert (from_unit(to_unit(levels)) == levels).all()
    assert to_unit(levels)[[0, 255]].tolist() == [-1, 1]


def test_a_camera_of_12_bits_fills_the_bytes():
    image = np.tile(np.arange(4096, dtype=np.uint16), (1, 4, 1))
    assert as_bytes(image).min() == 0 and as_bytes(image).max() == 255
    assert abs(int(as_bytes(image)[0, 0, 2048]) - 128) <= 1


def test_a_slice_of_16_bits_looks_the_same_whichever_others_are_there():
    """The second is the first, twice as bright and 100 brighter: its own range undoes both."""
    first = np.arange(4000, dtype=np.uint16).reshape(40, 100)
    both = as_bytes(np.stack([first, 2 * first + 100]))
    assert (both[0] == as_bytes(first[None])[0]).all()
    assert np.abs(both[1].astype(int) - both[0]).max() <= 1


def unknown(ignore, image=None):
    image = np.arange(ignore.size, dtype=np.uint16).reshape(ignore.shape) if image is None else image
    return PatchSet("real", image, {"ignore": ignore}, ignore=ignore)


def known(patch):
    return 1 - patch.conditions[0]


def test_patches_with_less_than_an_eighth_known_are_drawn_again():
    ignore = np.ones((2, 16, 16), np.uint8)
    ignore[1, :, :8] = 0  # patches of 8 at x = 7 have an eighth, those at x = 8 and in slice 0 nothing
    patches = [draw_patch(unknown(ignore), seed=0, number=n, size=8) for n in range(200)]
    shares = {float(known(patch).mean()) for patch in patches}
    assert shares == {n / 8 for n in range(1, 9)}
    again = [draw_patch(unknown(ignore), seed=0, number=n, size=8) for n in reversed(range(200))]
    assert corners(again[::-1]) == corners(patches)


def test_where_nothing_is_known_drawing_ends_nevertheless():
    patch = draw_patch(unknown(np.ones((2, 9, 9), np.uint8)), seed=0, number=0, size=4)
    assert not known(patch).any()


def test_a_set_that_is_wholly_known_gives_the_patches_of_one_without_unknown_places():
    image = numbered().image
    plain = [draw_patch(PatchSet("real", image), seed=0, number=n, size=6) for n in range(20)]
    asked = unknown(np.zeros(image.shape, np.uint8), image)
    assert corners(draw_patch(asked, seed=0, number=n, size=6) for n in range(20)) == corners(plain)


@pytest.mark.parametrize(("shape", "depth"), [((9, 30, 41), 1), ((9, 30, 41), 4), ((3, 5, 41), 1)])
def test_places_of_many_sets_are_those_drawn_one_by_one(shape, depth):
    """Half of the tissue is unknown, so many are drawn again."""
    ignore = (np.random.default_rng(0).random(shape) < np.linspace(0, 2, shape[2])).astype(np.uint8)
    sets = [numbered(shape=shape), unknown(ignore)]
    patches, size = [(1, 7), (0, 7), (0, 3), *((1, n) for n in range(60, 0, -1))], 8
    places = draw_places(sets, patches, seed=5, size=size, depth=depth)
    again = 0
    for place, (index, number) in zip(places, patches, strict=True):
        chance = uniforms(streams_of(sets, [(index, number)], seed=5), PLACE, 80)[0].reshape(20, 4)
        draws = 0
        for first, second, third, _ in chance:
            draws += 1
            z = int(first * (shape[0] - depth + 1))
            y, x = int(second * (max(shape[1] - size, 0) + 1)), int(third * (shape[2] - size + 1))
            piece = ignore[z : z + depth, y : y + size, x : x + size]
            if index == 0 or 1 - piece.mean() >= LEAST_KNOWN:
                break
        again += draws - 1
        assert (place.index, place.z, place.y, place.x) == (index, z, y, x)
    assert again > 10


def test_places_are_uniform_and_neighbours_have_nothing_in_common():
    places = draw_places([numbered(shape=(10, 47, 17))], one_after_the_other(0, 20_000), seed=0, size=8)
    for drawn, choices in ((places.z, 10), (places.y, 40), (places.x, 10)):
        counts = np.bincount(drawn, minlength=choices)
        # Chi squared of so many choices: its mean is choices - 1, its variance twice that.
        chi = ((counts - 20_000 / choices) ** 2).sum() * choices / 20_000
        assert len(counts) == choices and abs(chi - choices + 1) < 4 * np.sqrt(2 * choices)
        assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 4 / np.sqrt(20_000)


def coloured(shape=(3, 20, 30)):
    """Red is the number of the voxel, green its double, blue always 7."""
    number = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    colours = np.stack([number, 2 * number, np.full_like(number, 7)], -1)
    return PatchSet("real", colours, {"parity": number % 2})


def test_colours_of_a_patch_are_of_one_place():
    patch = draw_patch(coloured(), seed=0, number=3, size=8)
    grey = draw_patch(numbered(), seed=0, number=3, size=8)
    assert (patch.image[..., 0] == grey.image).all()  # and of the place that a grey set would give
    assert (patch.image[..., 1] == 2 * grey.image).all() and (patch.image[..., 2] == 7).all()
    assert (patch.conditions[0] == grey.conditions[1]).all()
    assert coloured().image_channels == 3 and numbered().image_channels == 1


def test_each_colour_is_seen_with_mean_0_and_deviation_1():
    image = coloured().image
    means, deviations = slice_statistics(image)
    assert means.shape == deviations.shape == (3, 3) and means[0].tolist() == [299.5, 599, 7]
    seen = network_input(image[1], means[1], deviations[1], np.ones((1, 20, 30), np.uint8))
    assert seen.shape == (4, 20, 30) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[:2].mean(axis=(1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(seen[:2].std(axis=(1, 2)), 1, atol=1e-4)
    np.testing.assert_allclose(seen[0], seen[1], atol=1e-5)
    assert (seen[2] == 0).all() and (seen[3] == 1).all()  # a colour without contrast, then the mask


def test_images_are_stored_with_their_colours_last():
    assert colours_last(np.zeros((1, 4, 5))).shape == (4, 5)
    assert colours_last(np.zeros((3, 4, 5))).shape == (4, 5, 3)


@pytest.mark.parametrize("shape", [(1, 20, 20), (2, 101, 99), (3, 7, 5), (1, 1, 512)])
@pytest.mark.parametrize("colours", [(), (3,)])
def test_patches_come_from_slices_of_any_size(shape, colours):
    image = np.random.default_rng(0).integers(0, 256, (*shape, *colours), np.uint8)
    mask = np.zeros(shape, np.uint8)
    patch = draw_patch(PatchSet("a", image, {"b": mask}, mask, mask), seed=0, number=0, size=16)
    assert patch.image.shape == (16, 16, *colours)
    assert patch.conditions.shape == (1, 16, 16)

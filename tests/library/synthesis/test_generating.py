import numpy as np
import pytest
import torch

from synthem.inference.windows import fade, overlapping
from synthem.networks.pix2pix import Pix2PixGenerator
from synthem.storage.volumes import Facts, Volume, read_volume, write_volume
from synthem.synthesis.filter import keep_slices
from synthem.synthesis.generating import generate_slices, synthetic_volume

CPU = torch.device("cpu")


def volume(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def generator(colours=1):
    torch.manual_seed(0)
    net = Pix2PixGenerator(2, colours, 4, 4, 0.5)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, 0, 0.1)  # so that dropout can be seen
    return net


def masks(*shape):
    return [volume(*shape) // 128, volume(*shape) // 200]


def draw(conditions, *, seed=0, tile=32, halo=8):
    return generate_slices(generator(), conditions, tile=tile, halo=halo, seed=seed, device=CPU)


def test_drawing_repeats_itself_and_leaves_other_chance_alone():
    before = torch.get_rng_state()
    first = draw(masks(2, 32, 32))
    state = torch.get_rng_state()
    assert first.dtype == np.uint8 and first.shape == (2, 32, 32)
    assert (draw(masks(2, 32, 32)) == first).all()
    assert not torch.equal(state, before)  # `generator` seeds; drawing itself does not:
    draw_only = generator()
    state = torch.get_rng_state()
    generate_slices(draw_only, masks(1, 32, 32), tile=32, halo=8, seed=0, device=CPU)
    assert torch.equal(torch.get_rng_state(), state)


def test_dropout_draws_other_images_for_other_seeds_and_slices():
    same = [np.repeat(mask, 2, axis=0) for mask in masks(1, 32, 32)]
    images = draw(same)
    assert (images[0] != images[1]).any()
    assert (draw(same, seed=1)[0] != images[0]).any()


def test_a_drawn_slice_does_not_depend_on_those_after_it():
    conditions = masks(3, 32, 32)
    assert (draw(conditions)[:1] == draw([mask[:1] for mask in conditions])).all()


@pytest.mark.parametrize("shape", [(50, 70), (32, 33), (20, 90)])
def test_blended_tiles_are_full_and_their_weights_never_vanish(shape):
    weights = np.zeros(shape)
    for place in overlapping(shape, tile=32, overlap=8):
        assert [cut.stop - cut.start for cut in place] == [min(length, 32) for length in shape]
        weights[place] += fade(place, shape, overlap=8)
    assert weights.min() > 0.1
    assert draw(masks(1, *shape)).shape == (1, *shape)


def test_tiles_fade_linearly_into_each_other():
    # Two tiles of 6 over 10 pixels share 2: weights 1 2/3 1/3 and 1/3 2/3 1.
    left, right = ((slice(0, 1), slice(0, 6)), (slice(0, 1), slice(4, 10)))
    assert fade(left, (1, 10), overlap=2)[0] == pytest.approx([1, 1, 1, 1, 2 / 3, 1 / 3])
    assert fade(right, (1, 10), overlap=2)[0] == pytest.approx([1 / 3, 2 / 3, 1, 1, 1, 1])


SIZES = [(1, 64, 64), (2, 101, 99), (1, 7, 5), (1, 1, 512)]


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("colours", [1, 3])
def test_drawn_images_have_the_shape_of_their_masks(shape, colours):
    image = generate_slices(generator(colours), masks(*shape), tile=40, halo=8, seed=0, device=CPU)
    assert image.shape == (shape if colours == 1 else (*shape, 3)) and image.dtype == np.uint8


def test_colours_are_drawn_as_the_generator_gives_them():
    class Painter(torch.nn.Module):
        """Red where the first mask is, half green everywhere, blue nowhere."""

        def forward(self, conditions):
            flat = torch.zeros_like(conditions[:, :1])
            return torch.cat([conditions[:, :1], flat, flat - 1], dim=1)

    conditions = masks(2, 20, 50)
    image = generate_slices(Painter(), conditions, tile=16, halo=4, seed=0, device=CPU)
    assert (image[..., 0] == 255 * conditions[0]).all()
    assert (image[..., 1] == 128).all() and (image[..., 2] == 0).all()


def test_synthetic_slices_are_all_to_train_on_and_know_where_they_are_from():
    image = np.zeros((3, 2, 2), np.uint8)
    origin = {"voxel_size_nm": np.array([50, 5, 5]), "source_slices": np.array([4, 9, 4])}
    numbers = np.arange(12, dtype=np.uint32).reshape(3, 2, 2)
    made = synthetic_volume(image, {"mito": image}, {"mito": numbers}, origin, generator="abc")
    assert made.blocks == {"train": ((0, 3),)} and not made.facts.linked
    kept = keep_slices(made, [True, False, True])
    assert kept.blocks == {"train": ((0, 2),)} and kept.masks["mito"].shape == (2, 2, 2)
    assert kept.labels["mito"].tolist() == numbers[[0, 2]].tolist()
    assert kept.facts.provenance == {"origin": "synthetic", "generator": "abc", "source_slices": [4, 4]}


def test_slices_on_invented_masks_know_what_the_generator_of_masks_has_learnt_from():
    image = np.zeros((3, 2, 2), np.uint8)
    origin = {"voxel_size_nm": np.array([50, 5, 5]), "learnt_slices": np.array([4, 9]), "mask_generator": "m"}
    made = keep_slices(
        synthetic_volume(image, {"mito": image}, {}, origin, generator="abc"), [True, False, True]
    )
    learnt = {"learnt_slices": [4, 9], "mask_generator": "m"}
    assert made.facts.provenance == {"origin": "synthetic", "generator": "abc", **learnt}


def test_a_volume_of_which_no_slice_was_kept_is_written_and_read(tmp_path):
    image = np.zeros((2, 8, 9, 3), np.uint8)
    candidates = Volume(image, Facts((50, 5, 5), provenance={"source_slices": [4, 5]}), {"m": image[..., 0]})
    write_volume(tmp_path / "v.h5", keep_slices(candidates, [False, False]))
    read = read_volume(tmp_path / "v.h5")
    assert read.image.shape == (0, 8, 9, 3) and read.masks["m"].shape == (0, 8, 9)
    assert read.facts.provenance["source_slices"] == [] and read.facts.blocks["train"] == ((0, 0),)

import torch

from synthem.gans.growing import growth, schedule_in_words, steps_to_full_size
from synthem.gans.stylegan import reduced

PUBLISHED = {"size": 128, "first_side": 8, "fade_steps": 100, "stable_steps": 200}


def test_the_first_side_is_learnt_alone_and_each_other_fades_in_before():
    growing = growth(size=16, first_side=8, fade_steps=3, stable_steps=2)
    expected = [(8, 1), (8, 1), (16, 0.25), (16, 0.5), (16, 0.75), (16, 1), (16, 1), (16, 1), (16, 1)]
    assert [growing.at(step) for step in range(9)] == expected
    assert steps_to_full_size(growing) == 5 and growing.at(10**6) == (16, 1)


def test_sides_double_until_the_published_size():
    growing = growth(**PUBLISHED)
    assert growing.sides == [8, 16, 32, 64, 128]
    assert [growing.at(step)[0] for step in (0, 199, 200, 499, 500, 800, 1099, 1100)] == [
        *(8, 8, 16, 16, 32, 64, 64, 128)
    ]
    assert growing.at(1100 + 99)[1] == 100 / 101 and growing.at(1100 + 100)[1] == 1
    assert steps_to_full_size(growing) == 1200
    words = "images of 8 pixels from step 0 on, 16 pixels from step 200 on, 32 pixels from step 500 on"
    assert schedule_in_words(growing).startswith(words)


def test_without_fading_a_side_is_there_at_once():
    growing = growth(size=16, first_side=4, fade_steps=0, stable_steps=2)
    assert [growing.at(step) for step in range(5)] == [(4, 1), (4, 1), (8, 1), (8, 1), (16, 1)]


def test_images_that_do_not_grow_are_whole_from_the_first_step_on():
    for first_side, fade_steps, stable_steps in ((0, 3, 2), (16, 3, 2), (0, 0, 0)):
        growing = growth(size=16, first_side=first_side, fade_steps=fade_steps, stable_steps=stable_steps)
        assert [growing.at(step) for step in (0, 1, 2, 3, 9)] == [(16, 1)] * 5
        assert steps_to_full_size(growing) == 0
        assert schedule_in_words(growing) == "images of 16 pixels from step 0 on"


def test_real_images_are_reduced_to_means_and_lose_detail_as_it_fades_in():
    image = torch.zeros(1, 1, 8, 8)
    image[..., 0, 0] = 16
    small = reduced(image, 4, 1)
    assert small.shape == (1, 1, 4, 4) and small[0, 0, 0, 0] == 4 and small.sum() == 4
    # a quarter of the pixel's own value; the rest of it is the mean 1 of four pixels
    fading = reduced(image, 4, 0.25)[0, 0, :2, :2]
    assert fading.tolist() == [[0.25 * 4 + 0.75 * 1, 0.75], [0.75, 0.75]]
    assert torch.equal(reduced(image, 8, 1), image)

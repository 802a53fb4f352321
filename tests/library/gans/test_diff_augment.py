import pytest
import torch
import torch.nn.functional as F

from synthem.gans.diff_augment import CHANGES, Changes, colour, cutout, translation


def changes(*words, ada_target=0):
    return Changes(words, ada_target=ada_target, ada_images=100, device=torch.device("cpu"))


def numbered(batch=3, channels=1, side=16):
    shape = (batch, channels, side, side)
    return torch.arange(batch * channels * side**2, dtype=torch.float32).reshape(shape) + 1


def moved(sample, down, right):
    """[C, Y, X] with its pixel (0, 0) at (down, right), and zeros from outside."""
    return F.pad(sample, (right, -right, down, -down))


def test_image_and_maps_move_alike_by_up_to_an_eighth():
    torch.manual_seed(0)
    image = numbered(64)
    new, same, nothing = translation(image, image.clone(), None)
    assert torch.equal(new, same) and nothing is None
    shifts = set()
    for before, after in zip(image, new, strict=True):
        matching = [
            (y, x) for y in range(-2, 3) for x in range(-2, 3) if torch.equal(moved(before, y, x), after)
        ]
        (shift,) = matching
        shifts.add(shift)
    assert len(shifts) > 15  # of 25


def test_a_hole_of_half_the_sides_is_cut_from_image_and_maps():
    torch.manual_seed(0)
    image, mask = cutout(numbered(64), numbered(64))
    assert torch.equal(image, mask)
    holes = (image == 0).sum(dim=(1, 2, 3))
    assert holes.max() <= 9 * 9 and holes.min() >= 5 * 5  # at a corner a quarter of it is inside
    assert torch.equal(image[image > 0], numbered(64)[image > 0])


def test_colours_change_by_image_and_maps_do_not():
    torch.manual_seed(0)
    image, mask = torch.randn(8, 1, 32, 32), numbered(8, side=32)
    new, same = colour(image, mask)
    assert torch.equal(same, mask)
    shift = new.mean(dim=(1, 2, 3)) - image.mean(dim=(1, 2, 3))
    gain = new.std(dim=(1, 2, 3)) / image.std(dim=(1, 2, 3))
    assert shift.abs().max() <= 0.5 and shift.std() > 0.1
    assert gain.min() >= 0.5 and gain.max() <= 1.5 and gain.std() > 0.1


def test_saturation_leaves_grey_images_grey():
    torch.manual_seed(0)
    (new,) = colour(torch.randn(4, 1, 8, 8).expand(-1, 3, -1, -1))
    assert torch.allclose(new[:, 0], new[:, 1], atol=1e-5) and torch.allclose(new[:, 0], new[:, 2], atol=1e-5)


def test_the_gradient_of_a_pixel_goes_where_it_came_from():
    torch.manual_seed(0)
    image = numbered(4).requires_grad_()
    (new,) = translation(image)
    new.sum().backward()
    shown = [torch.isin(before, after) for before, after in zip(image.detach(), new.detach(), strict=True)]
    assert torch.equal(image.grad, torch.stack(shown).float())


@pytest.mark.parametrize("word", CHANGES)
def test_gradients_pass_through(word):
    image = torch.randn(2, 3, 16, 16, requires_grad=True)
    changes(word)(image)[0].sum().backward()
    assert (image.grad != 0).any()


def test_without_words_nothing_happens_and_no_chance_is_used():
    before, image = torch.get_rng_state(), numbered()
    (same,) = changes()(image)
    assert torch.equal(same, image) and torch.equal(torch.get_rng_state(), before)


def test_ada_starts_with_no_change_at_all():
    image = numbered()
    assert torch.equal(changes("cutout", "translation", ada_target=0.6)(image)[0], image)


def test_ada_changes_the_share_of_images_that_it_says():
    torch.manual_seed(0)
    some = changes("cutout", ada_target=0.6)
    some.probability.fill_(0.25)
    changed = (some(numbered(400))[0] != numbered(400)).any(dim=(1, 2, 3))
    assert changed.float().mean().item() == pytest.approx(0.25, abs=0.06)


def test_ada_rises_with_certainty_and_falls_without():
    ada = changes("cutout", ada_target=0.6)
    for _ in range(40):
        ada.adapt(lambda: torch.tensor(1.0), images=2)  # 2 of 100 images
    # 1 - 0.9^n is above 0.6 from the 9th step on: 32 steps of 0.02.
    assert ada.probability.item() == pytest.approx(32 * 0.02)
    for _ in range(40):
        ada.adapt(lambda: torch.tensor(-1.0), images=2)
    assert ada.probability.item() < 32 * 0.02
    for _ in range(100):
        ada.adapt(lambda: torch.tensor(-1.0), images=2)
    assert ada.probability.item() == 0


def test_ada_goes_on_from_its_state():
    ada, other = changes("cutout", ada_target=0.6), changes("cutout", ada_target=0.6)
    ada.probability.fill_(0.5)
    ada.certainty.fill_(0.7)
    other.load_state_dict(ada.state_dict())
    for one in (ada, other):
        one.adapt(lambda: torch.tensor(1.0), images=4)
    assert ada.state_dict() == other.state_dict() and ada.probability.item() == pytest.approx(0.54)


def test_without_ada_certainty_changes_nothing():
    always = changes("cutout")
    always.adapt(pytest.fail, images=4)  # nor is it asked for
    assert always.probability.item() == 1

"""The words of a report whose study has no generator."""

import re

import pytest

from synthem.report.contents import build_page
from synthem.report.generated import DRAWN, LOSSES, MEMBRANES, of_what_was_made
from synthem.report.text import PARTS
from synthem.report.verdict import certainty
from tests.shared.report_pages import answer, comparison, first_screen

# Parts of their own, which are not there without generated images.
OF_IMAGES = ("synthesis", "painting", "realism", "quiz", "sheets", "membranes", "gallery")
GENERATED = re.compile(r"\b(generators?|GANs?|new masks|filter)\b")


@pytest.fixture(scope="module")
def page():
    row = comparison(verdict="no answer")
    sections = {key: ["text"] for key in PARTS if key not in OF_IMAGES}
    sections["certainty"] = certainty([row], [], answer(row))
    return build_page(sections, title="A", first=first_screen(row)[0])


def test_each_clause_is_once_in_a_page(page):
    assert [page.count(clause) for clause in (LOSSES | DRAWN | MEMBRANES)] == [1] * 5


def test_a_page_of_networks_alone_speaks_of_nothing_generated(page):
    assert GENERATED.search(page)
    plain = of_what_was_made(page, {"train_unet"}, pairs=False)
    assert not GENERATED.search(plain) and "another volume that membranes" not in plain
    assert "unless all are, the first weights. All arms" in plain
    assert "the luck of all trainings: first weights, order of the patches" in plain
    assert "with better networks.<" in plain


def test_new_masks_are_spoken_of_where_images_were_pasted_or_bent(page):
    plain = of_what_was_made(page, {"train_unet"}, pairs=True)
    assert "unless all are, the new masks, the first weights. All arms" in plain
    assert "the luck of all trainings: new masks, first weights, order of the patches" in plain
    assert not re.search(r"\b(generators?|GANs?|filter)\b", plain)


def test_a_network_that_was_trained_before_is_a_gan_that_no_replicate_draws(page):
    """A U-Net starts from it (unets.training.start), with no gallery that shows it."""
    plain = of_what_was_made(page, {"train_unet", "pretrain_network"}, pairs=False)
    assert "Losses of a GAN need not fall" in plain
    assert "the luck of all trainings: first weights" in plain


def test_a_study_with_all_of_it_keeps_every_word(page):
    assert of_what_was_made(page, {"train_unet", "train_gan", "train_membranes"}, pairs=False) == page

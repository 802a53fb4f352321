"""Networks that start from others of the run which cannot fit: told by the config, before any training."""

import pytest

from tests.shared.demo_config import add_segmenter, checked, edited, only_problem, problems

PRETRAINED = "results/pretraining/{volume}/base/network.pt"
MEMBRANES = "results/membranes/larva/base/network.pt"
OF_LARVA = "results/gans/larva/{}/budget-all/replicate-1/network.pt"
REAL = {"study__arms": ["real"]}
BOUNDLESS = {"unets__network__kind": "boundless", "unets__network__boundless__base_width": 8}


def start(section, path, **others):
    return {f"{section}__training__start__from": path} | others


def test_a_network_of_another_kind_is_refused():
    line = only_problem(**REAL, **start("unets", PRETRAINED))
    assert line.startswith("ERROR CONFIG_VALUE unets.training.start.from: ")
    assert "`results/pretraining/hippocampus/base/network.pt`, whose kind is boundless, for a network" in line
    assert "whose kind is unet (expected the kind unet). Fix: " in line
    checked(edited(**REAL, **BOUNDLESS, **start("unets", PRETRAINED)))


def test_a_network_of_another_width_or_depth_is_refused():
    wide = BOUNDLESS | {"unets__network__boundless__base_width": 9}
    assert "whose base_width is 8, for a" in only_problem(**REAL, **wide, **start("unets", PRETRAINED))
    seen = {"membranes__sees": ["image"]}
    deep = seen | {"membranes__network__unet__depth": 2, "unets__network__unet__depth": 3}
    assert "whose depth is 2, for a" in only_problem(**REAL, **deep, **start("unets", MEMBRANES))
    checked(edited(**REAL, **deep, **start("unets", MEMBRANES, unets__training__start__layers=3)))


@pytest.mark.parametrize("option", ["isotropic", "max_pool"])
def test_a_network_whose_kernels_have_another_form_is_refused(option):
    both = {f"{section}__network__kind": "unet3d" for section in ("unets", "membranes")}
    both |= {"membranes__sees": ["image"], f"membranes__network__unet3d__{option}": True}
    line = only_problem(**REAL, **both, **start("unets", MEMBRANES))
    assert f"whose {option} is True, for a network whose {option} is False" in line
    checked(edited(**REAL, **both | {f"unets__network__unet3d__{option}": True}, **start("unets", MEMBRANES)))


def test_whatever_option_shapes_the_weights_of_a_network_that_is_added_is_compared(monkeypatch):
    theirs = add_segmenter(monkeypatch, {"blocks": 3, "patch_slices": 1})

    def config(**changed):
        both = {
            "unets__network": theirs | {"theirs": theirs["theirs"] | changed},
            "membranes__network": theirs,
        }
        return edited(**REAL, **both, membranes__sees=["image"], **start("unets", MEMBRANES))

    (line,) = problems(config(blocks=4))
    assert "whose blocks is 3, for a network whose blocks is 4" in line
    checked(config(patch_slices=2))


def test_a_network_that_sees_a_mask_beside_the_image_is_refused():
    """The embedded larva shows mitochondria, and its membrane network is given them."""
    line = only_problem(**REAL, **start("unets", MEMBRANES))
    assert "whose number of masks is 1, for a network whose number of masks is 0" in line
    checked(edited(**REAL, **start("unets", MEMBRANES), membranes__sees=["image"]))


@pytest.mark.parametrize("path", ["results/stylegan/hippocampus/network.pt", "results/mask_generator/a/b.pt"])
def test_a_stylegan_is_refused(path):
    assert f"`{path}`, a StyleGAN (expected a network of `unets`)" in only_problem(**start("unets", path))


def test_the_variant_of_each_network_counts():
    variants = {
        "thick": {"unets": {"network": {"kind": "unet"}}},
        "other": {"gans": {"generator": {"kind": "pix2pix"}}},
    }
    arms = {"real": {"sets": {"real": 1}}, "thick": {"sets": {"real": 1}, "variant": "thick"}}
    changes = {"variants": variants, "arms": arms, "study__arms": [*arms], **BOUNDLESS}
    line = only_problem(**changes, **start("unets", PRETRAINED))
    assert line.startswith("ERROR CONFIG_VALUE variants.thick.unets.training.start.from: ")
    changes = {"variants": variants, "study__arms": ["real", "mixed"]}
    line = only_problem(**changes, **start("gans", OF_LARVA.format("other")))
    assert "whose kind is pix2pix, for a network whose kind is resize_unet" in line
    checked(edited(**changes, **start("gans", OF_LARVA.format("base"))))


def test_what_the_run_does_not_train_is_not_asked():
    """No arm has painted images, so no GAN starts; a file of a user's shows its kind when it is read."""
    checked(edited(**REAL, **start("gans", PRETRAINED)))
    checked(edited(**REAL, **start("unets", "mine/network.pt")))
    assert problems(edited(**start("gans", PRETRAINED)))

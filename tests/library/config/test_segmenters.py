import pytest

from synthem.config.checking import check_config
from synthem.config.segmenters import layers_in
from synthem.networks.saving import build_network, without_what_is_off
from synthem.networks.unet import SEGMENTERS
from synthem.training.transfer import layers_of
from tests.library.config.test_checking import DEMO, SCHEMA, edited, only_problem, problems

DEEP = {"unets__network__name": "unet3d", "unets__network__depth": 0, "unets__training__patch_slices": 18}
REAL_ALONE = {"experiment__arms": ["real"]}
LABELS = {"mitochondria": "results/phantoms/hippocampus/mitochondria"}


@pytest.mark.parametrize(
    ("name", "depth", "slices", "expected"),
    [("unet", 0, 1, "at least 1"), ("boundless", 3, 1, "0: its"), ("unet3d", 2, 18, "0: its")],
)
def test_a_network_has_the_depth_that_it_can_have(name, depth, slices, expected):
    network = {"unets__network__name": name, "unets__network__depth": depth}
    line = only_problem(**network, unets__training__patch_slices=slices, **REAL_ALONE)
    assert f"unets.network.depth: {depth} for `{name}` (expected {expected}" in line


def test_only_a_network_in_3d_learns_from_several_slices():
    assert "unets.training.patch_slices: 2 for `unet` (expected 1" in only_problem(
        unets__training__patch_slices=2
    )
    line = only_problem(**DEEP | {"unets__training__patch_slices": 1}, **REAL_ALONE)
    assert "unets.training.patch_slices: 1 for `unet3d` (expected more than 1" in line


@pytest.mark.parametrize("option", ["isotropic", "max_pool"])
def test_options_of_one_network_are_refused_for_the_others(option):
    line = only_problem(**{f"membranes__network__{option}": True})
    assert f"membranes.network.{option}: true for `unet` (expected false" in line


def test_kaiming_is_a_choice_of_the_2d_unet_alone():
    check_config(edited(unets__network__kaiming=True, membranes__network__kaiming=True), SCHEMA)
    line = only_problem(**DEEP, **REAL_ALONE, unets__network__kaiming=True)
    assert "unets.network.kaiming: true for `unet3d` (expected false: it is of unet" in line


def test_layers_start_from_a_file_that_is_named():
    line = only_problem(membranes__training__start_layers=3)
    assert "membranes.training.start_layers: 3 without start_from (expected 0" in line
    check_config(edited(unets__training__start_layers=3, unets__training__start_from="network.pt"), SCHEMA)


def test_the_membrane_network_cannot_both_teach_pre_training_and_start_from_it():
    semantics = {"pretraining__semantics": "encoder"}
    check_config(edited(**semantics), SCHEMA)
    check_config(edited(pretraining__semantics="my/network.pt"), SCHEMA)
    start = {"membranes__training__start_from": "results/pretraining/larva/network.pt"}
    line = only_problem(**semantics, **start)
    assert "pretraining.semantics: `encoder` of the membrane network, which starts from pre-training" in line
    deep = {key.replace("unets", "membranes"): value for key, value in DEEP.items()}
    line = only_problem(**semantics, **deep)
    assert "pretraining.semantics: `encoder` with membranes.network.name `unet3d`" in line


@pytest.mark.parametrize(("key", "most"), [("start_layers", 11), ("freeze_layers", 10)])
def test_only_layers_that_there_are_start_or_stay(key, most):
    start = {"unets__training__start_from": "network.pt"}
    line = only_problem(**start, **{f"unets__training__{key}": most + 1})
    assert f"unets.training.{key}: {most + 1} for `unet`, which has 11 layers to count" in line
    check_config(edited(**start, **{f"unets__training__{key}": most}), SCHEMA)


@pytest.mark.parametrize(
    "network",
    [{"name": "unet", "depth": depth} for depth in (1, 4)]
    + [
        {"name": "unet3d", "depth": 0, "isotropic": False, "max_pool": True},
        {"name": "boundless", "depth": 0},
    ],
)
def test_the_check_counts_the_layers_of_networks_rightly(network):
    options = without_what_is_off({"base_width": 4} | network, SEGMENTERS)
    net = build_network(SEGMENTERS, seed=0, in_channels=1, out_channels=1, **options)
    assert layers_in(network) == len(layers_of(net))


def test_synthetic_slices_form_no_volume():
    found = problems(edited(**DEEP))
    assert len(found) == 2  # the arms mixed and synthetic
    assert all("synthetic slices, which do not form a volume" in line for line in found)
    assert "experiment.arms: `mixed`" in found[0]


def test_tiles_form_no_volume():
    line = only_problem(**DEEP, **REAL_ALONE, volumes__hippocampus__tiles=True)
    assert "volumes.hippocampus.tiles: tiles, with unet3d in `unets`" in line


@pytest.mark.parametrize("kind", ["boundaries", "interior", "affinities"])
def test_what_is_made_of_labels_needs_them(kind):
    line = only_problem(unets__target__kind=kind)
    assert "ERROR CONFIG_REFERENCE volumes.hippocampus.labels: no labels `mitochondria` among none" in line
    check_config(edited(unets__target__kind=kind, volumes__hippocampus__labels=LABELS), SCHEMA)


def test_a_stack_of_its_own_needs_labels_too():
    own = {
        "image": "results/phantoms/hippocampus/image.tif",
        "masks": DEMO["volumes"]["hippocampus"]["masks"],
    }
    line = only_problem(
        unets__target__kind="affinities",
        volumes__hippocampus__labels=LABELS,
        volumes__hippocampus__withheld={},
        volumes__hippocampus__test=own,
    )
    assert "volumes.hippocampus.test.labels: no labels `mitochondria`" in line


def test_a_loss_needs_a_part():
    line = only_problem(unets__training__loss__bce=0, unets__training__loss__dice=0)
    assert "unets.training.loss: weights of 0 alone" in line


def test_centre_lines_are_of_masks_in_slices():
    line = only_problem(**DEEP, **REAL_ALONE, unets__training__loss__cldice=0.5)
    assert "unets.training.loss.cldice: 0.5 with patches of 18 slices" in line
    line = only_problem(
        unets__target__kind="interior", volumes__hippocampus__labels=LABELS, unets__training__loss__cldice=1
    )
    assert "unets.training.loss.cldice: 1 with the target interior" in line

import pytest

from synthem.config.depth import sees_slices
from synthem.config.kinds import options_of
from synthem.config.segmenters import layers_in
from synthem.networks.registry import IN_BYTES, IN_SPACE, SEGMENTERS
from synthem.networks.saving import build_network, class_of_kind
from synthem.training.transfer import layers_of
from tests.shared.demo_config import DEMO, add_segmenter, checked, edited, only_problem, problems
from tests.shared.kinds import of_kind

DEEP = {"unets__network__kind": "unet3d"}
REAL_ALONE = {"study__arms": ["real"]}
LABELS = {"mitochondria": "results/phantoms/hippocampus/mitochondria"}


@pytest.mark.parametrize("section", ["membranes", "unets"])
@pytest.mark.parametrize(
    ("kind", "option"),
    [("unet", "patch_slices"), ("unet", "isotropic"), ("unet3d", "depth"), ("unet3d", "kaiming")]
    + [("boundless", "depth"), ("boundless", "max_pool")],
)
def test_options_of_one_network_are_unknown_to_the_others(section, kind, option):
    line = only_problem(**{f"{section}__network__{kind}__{option}": 2})
    assert line.startswith(f"ERROR CONFIG_KEY {section}.network.{kind}.{option}: no such key")
    assert f"did you mean `{section}.network." in line


def test_a_network_in_3d_sees_several_slices():
    line = only_problem(unets__network__unet3d__patch_slices=1)
    assert "unets.network.unet3d.patch_slices: 1 (expected a whole number from 2 to 256)" in line


def test_a_flat_network_of_earlier_versions_is_explained():
    """As `network: {name: unet3d, base_width: 8, isotropic: true}` would be merged with config.yaml."""
    flat = DEMO["unets"]["network"] | {"name": "unet3d", "base_width": 8, "isotropic": True}
    lines = problems(edited(unets__network=flat))
    assert [line.split(":")[0] for line in lines] == [
        f"ERROR CONFIG_KEY unets.network.{key}" for key in ("base_width", "isotropic", "name")
    ]
    assert lines[0].endswith("Fix: did you mean `unets.network.unet3d.base_width`.")
    assert lines[1].endswith("Fix: did you mean `unets.network.unet3d.isotropic`.")
    assert lines[2].endswith("Fix: write `kind: unet3d`.")


def test_a_kind_alone_is_explained():
    line = only_problem(unets__network="unet3d")
    assert "unets.network: text 'unet3d' (expected keys with values)" in line
    assert line.endswith("Fix: write `network: {kind: unet3d}`.")


def test_where_slices_of_a_patch_are_set_now_is_told():
    line = only_problem(unets__training__patch_slices=18)
    assert "Fix: did you mean `unets.network.unet3d.patch_slices` or " in line


def test_layers_start_from_a_file_that_is_named():
    line = only_problem(membranes__training__start__layers=3)
    assert "membranes.training.start.layers: 3 without a file (expected 0" in line
    checked(edited(unets__training__start__layers=3, unets__training__start__from="network.pt"))


def test_the_membrane_network_cannot_both_teach_pre_training_and_start_from_it():
    semantics = {"pretraining__semantics": "encoder"}
    checked(edited(**semantics))
    checked(edited(pretraining__semantics="my/network.pt"))
    start = {"membranes__training__start__from": "results/pretraining/larva/base/network.pt"}
    alike = {"membranes__network__kind": "boundless", "membranes__sees": ["image"]}
    line = only_problem(**semantics, **start, **alike)
    assert "pretraining.semantics: `encoder` of the membrane network, which starts from pre-training" in line
    deep = {key.replace("unets", "membranes"): value for key, value in DEEP.items()}
    line = only_problem(**semantics, **deep, membranes__sees=["image"])
    assert "pretraining.semantics: `encoder` with membranes.network.kind `unet3d`" in line


@pytest.mark.parametrize(("key", "most"), [("layers", 11), ("freeze_layers", 10)])
def test_only_layers_that_there_are_start_or_stay(key, most):
    start = {"unets__training__start__from": "network.pt"}
    line = only_problem(**start, **{f"unets__training__start__{key}": most + 1})
    assert f"unets.training.start.{key}: {most + 1} for `unet`, which has 11 layers to count" in line
    checked(edited(**start, **{f"unets__training__start__{key}": most}))


@pytest.mark.parametrize(
    "network",
    [DEMO["unets"]["network"] | {"kind": kind} for kind in SEGMENTERS]
    + [of_kind("unet", base_width=4, depth=depth) for depth in (1, 4)],
    ids=lambda network: network["kind"],
)
def test_the_check_counts_the_layers_of_networks_rightly(network):
    options = {key: value for key, value in options_of(network).items() if key != "patch_slices"}
    net = build_network(SEGMENTERS, network["kind"], seed=0, in_channels=1, out_channels=1, **options)
    assert layers_in(network) == len(layers_of(net))


def test_synthetic_slices_form_no_volume():
    found = problems(edited(**DEEP))
    assert len(found) == 2  # the arms mixed and synthetic
    assert all("`synthetic`, whose slices do not form a volume" in line for line in found)
    assert "arms.mixed.sets: " in found[0]


def test_tiles_form_no_volume():
    line = only_problem(**DEEP, **REAL_ALONE, volumes__hippocampus__tiles=True)
    assert "volumes.hippocampus.tiles: tiles, with unet3d in the arm `real`" in line


@pytest.fixture
def students(monkeypatch):
    """{changes of the config} to a network in 3-D that somebody adds, with options of its own."""
    theirs = add_segmenter(monkeypatch, {"width": 4, "patch_slices": 8})
    monkeypatch.setattr("synthem.config.depth.IN_SPACE", {*IN_SPACE, "theirs"})
    return {"unets__network": theirs}, {"membranes__network": theirs}


def test_any_network_that_sees_several_slices_is_checked_alike(students):
    unets, membranes = students
    cldice, tiles = {"unets__training__loss__cldice": 0.5}, {"volumes__hippocampus__tiles": True}
    assert "cldice: 0.5 with theirs, whose patches" in only_problem(**unets, **REAL_ALONE, **cldice)
    assert "tiles, with theirs in the arm `real`" in only_problem(**unets, **REAL_ALONE, **tiles)
    assert all("do not form a volume, with theirs (" in line for line in problems(edited(**unets)))
    assert "the structure with theirs, which sees the true masks" in only_problem(**membranes)
    encoder = {"pretraining__semantics": "encoder", "membranes__sees": ["image"]}
    assert "membranes.network.kind `theirs`" in only_problem(**membranes, **encoder)


@pytest.mark.parametrize("kind", SEGMENTERS)
def test_networks_whose_grid_has_slices_are_those_that_see_several_and_have_patches_of_them(kind):
    in_space = isinstance(class_of_kind(SEGMENTERS, kind).__dict__.get("multiple"), tuple)
    assert sees_slices({"kind": kind}) == ("patch_slices" in DEMO["unets"]["network"][kind]) == in_space


@pytest.mark.parametrize("kind", SEGMENTERS)
def test_networks_that_see_bytes_are_known_by_their_words(kind):
    assert (class_of_kind(SEGMENTERS, kind).greys == "unit") == (kind in IN_BYTES)


@pytest.mark.parametrize("kind", ["boundaries", "interior", "affinities"])
def test_what_is_made_of_labels_needs_them(kind):
    line = only_problem(unets__target__kind=kind)
    assert "ERROR CONFIG_REFERENCE volumes.hippocampus.labels: no labels `mitochondria` among none" in line
    checked(edited(unets__target__kind=kind, volumes__hippocampus__labels=LABELS))


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
    assert "unets.training.loss.cldice: 0.5 with unet3d, whose patches have several slices" in line
    line = only_problem(
        unets__target__kind="interior", volumes__hippocampus__labels=LABELS, unets__training__loss__cldice=1
    )
    assert "unets.training.loss.cldice: 1 with the target interior" in line

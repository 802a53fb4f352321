"""Networks of others: what their cards say becomes the config that they are used under."""

import json
from copy import deepcopy

import pytest

from synthem.config.checking import check_config
from synthem.config.kinds import chosen
from synthem.config.shared import shared_networks
from synthem.errors import SynthemError
from synthem.networks.registry import SEGMENTERS
from tests.shared.demo_config import SCHEMA, checked, edited

CARD = {
    "kind": "unet",
    "arguments": {"base_width": 12, "depth": 3, "kaiming": True, "in_channels": 3, "out_channels": 1},
    "segments": "nuclei",
    "target": {"kind": "mask"},
    "inference": {
        "tile": 640,
        "halo": 90,
        "tile_slices": 1,
        "halo_slices": 0,
        "turns": 8,
        "precision": "auto",
    },
    "watershed": {
        "method": "components",
        "tune_by": "voi",
        "settings": {"thresholds": [0.5], "neighbours": 6},
    },
    "instances": {"method": "components", "settings": {"threshold": 0.5}},
    "image": {"type": "uint8", "channels": 3},
    "voxel_size_nm": [30.0, 4.0, 4.0],
}


def write(path, card):
    text = json.dumps({"__metadata__": {"synthem": json.dumps(card)}}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    return str(path)


@pytest.fixture
def shared(tmp_path):
    """shared({name: cards}, named, config...) -> {name: Shared}."""

    def read(cards, named=None, **changes):
        networks = {
            name: [
                write(tmp_path / f"{name}{number}.safetensors", card) for number, card in enumerate(several)
            ]
            for name, several in cards.items()
        }
        config = checked(edited(**{"targets": [], "apply__networks": networks, **changes}))
        return shared_networks(config, SCHEMA, named or {})

    return read


def with_departure(**parts):
    return deepcopy(CARD) | parts


def test_network_target_inference_and_watershed_are_those_of_the_card(shared):
    (found,) = shared({"theirs": [CARD]}).values()
    settings = found.settings
    assert settings["unets"]["network"]["kind"] == "unet" and settings["watershed"]["method"] == "components"
    assert settings["unets"]["network"]["unet"] == {"base_width": 12, "depth": 3, "kaiming": True} | {
        key: value
        for key, value in edited()["unets"]["network"]["unet"].items()
        if key not in ("base_width", "depth", "kaiming")
    }
    assert chosen(settings["unets"]["target"]) == {"kind": "mask"}
    assert settings["watershed"]["components"] == {"thresholds": [0.5], "neighbours": 6, "smallest_nm3": 0}
    # That it sees one slice at a time is nothing a config says.
    assert settings["inference"] == CARD["inference"] | {"tile_slices": 32, "halo_slices": 24}
    assert (found.channels, found.segments, found.voxel_size_nm) == (3, "nuclei", [30.0, 4.0, 4.0])
    assert found.tuned == [{"settings": {"threshold": 0.5}}] and len(found.files) == 1


def test_what_somebody_wrote_of_inference_wins(shared):
    named = {"inference": {"tile": 256}, "watershed": {"method": "bodies"}}
    (found,) = shared({"theirs": [CARD]}, named, inference__tile=256, watershed__method="bodies").values()
    assert found.settings["inference"]["tile"] == 256 and found.settings["inference"]["turns"] == 8
    assert found.settings["watershed"]["method"] == "components"


def test_lists_in_whose_place_a_word_stands_are_those_of_the_config(shared):
    """`kinds.chosen` empties them in the card."""
    preset = {"preset": "paper", "interior_thresholds": [], "edge_rises": []}
    card = with_departure(watershed={"method": "membranes", "tune_by": "voi", "settings": preset})
    (found,) = shared({"theirs": [card]}).values()
    assert chosen(found.settings["watershed"]["membranes"])["interior_thresholds"] == []


def test_predictions_are_medians_of_as_many_slices_as_where_the_network_was_tuned(shared):
    card = with_departure(watershed=CARD["watershed"] | {"median_slices": 5})
    (found,) = shared({"theirs": [card]}).values()
    assert found.settings["watershed"]["median_slices"] == 5
    (older,) = shared({"theirs": [CARD]}, watershed__median_slices=3).values()
    assert older.settings["watershed"]["median_slices"] == 1, "its version knew no medians"
    newer = with_departure(watershed=CARD["watershed"] | {"median_slices": 1})
    (both,) = shared({"theirs": [CARD, newer]}).values()
    assert len(both.files) == 2 and both.settings["watershed"]["median_slices"] == 1
    assert "its watershed is" in problem_of(shared, CARD, card)


def problem_of(shared, *cards, **changes):
    with pytest.raises(SynthemError) as caught:
        shared({"theirs": list(cards)}, **changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (
            with_departure(kind="vnet"),
            f"its card: a network `vnet`, which is none of {', '.join(SEGMENTERS)}",
        ),
        ({key: value for key, value in CARD.items() if key != "watershed"}, "its card lacks 'watershed'"),
        (with_departure(target="mask"), "its card"),
        (with_departure(instances={"method": "bodies"}), "its card lacks 'settings'"),
        (with_departure(instances={"settings": {"threshold": "low"}}), "its card: could not convert string"),
        (with_departure(voxel_size_nm=["a"]), "its card: could not convert string to float: 'a'"),
        (with_departure(inference=CARD["inference"] | {"tile": 0}), "its card has inference.tile: 0"),
        (
            with_departure(arguments=CARD["arguments"] | {"wings": 2}),
            "its card has unets.network.unet.wings: no such key",
        ),
    ],
)
def test_a_card_that_cannot_be_used_is_an_error_of_its_file(shared, tmp_path, card, words):
    text = problem_of(shared, card)
    assert text.startswith(f"ERROR NETWORK_FILE {tmp_path}/theirs0.safetensors: {words}")


def test_networks_under_one_name_are_of_one_kind(shared, tmp_path):
    other = with_departure(voxel_size_nm=[30.0, 8.0, 8.0])
    assert problem_of(shared, CARD, other).startswith(
        f"ERROR NETWORK_FILE {tmp_path}/theirs1.safetensors: its voxel size nm is [30.0, 8.0, 8.0], and ["
    )
    assert shared({"theirs": [CARD], "others": [other]}).keys() == {"theirs", "others"}


def test_affinities_of_other_pixels_are_refused(shared):
    """Steps of one pixel of 4 nm are not steps of one of 8."""
    target = {"kind": "affinities", "affinities": {"long_range": True, "across_slices": False}}
    watershed = {"method": "mutex", "tune_by": "voi", "settings": {"thresholds": [0.5]}}
    card = with_departure(target=target, watershed=watershed)
    stacks = {"a": {"image": "a.tif", "resample": True}}
    text = problem_of(shared, card, apply__stacks=stacks)
    assert text.startswith(
        "ERROR CONFIG_VALUE apply.stacks.a.resample: true, with `theirs`, which has learnt"
    )
    assert shared({"theirs": [card]}, apply__stacks={"a": "a.tif"})


def test_a_file_that_is_not_there_is_missing_data():
    config = check_config(edited(targets=[], apply__networks={"a": "absent.safetensors"}), SCHEMA)[0]
    with pytest.raises(SynthemError, match="ERROR DATA_MISSING absent.safetensors"):
        shared_networks(config, SCHEMA, {})

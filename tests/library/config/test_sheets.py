import pytest

from tests.shared.demo_config import checked, edited, only_problem, study_in

SHEET = {"data_sets": ["synthetic"], "rows": "masks", "columns": "panels"}
DEAF = {
    "variants__deaf": {
        "gans": {
            "generator": {"resize_unet": {"noise_channels": 0}},
            "objective": {"real_or_fake": {"texture_weight": 0}},
        }
    },
    "data_sets__deaf": {"kind": "gan", "variant": "deaf"},
}


def sheet(**changes):
    return {"sheets": {"one": SHEET | changes}}


def test_what_a_sheet_shows_is_trained_and_what_it_leaves_out_is_filled_in():
    config = edited(**DEAF, **sheet(data_sets=["deaf"]), study__arms=["real"])
    own = study_in(config)
    assert own.painters == ["deaf"] and own.of_kind("gan") == []
    filled = checked(config)["sheets"]["one"]
    assert (filled["panels"], filled["block"], filled["budget"]) == (["drawn"], "test", "all")


def test_a_data_set_that_is_not_shown_is_not_trained():
    two = study_in(edited(**DEAF, **sheet(data_sets=["synthetic", "deaf"])))
    assert two.painters == ["synthetic"]
    both = study_in(edited(**DEAF, **sheet(data_sets=["synthetic", "deaf"], rows="data_sets")))
    assert both.painters == ["synthetic", "deaf"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"columns": "noise", "rows": "noise"}, "sheets.one.columns: noise as in rows"),
        ({"data_sets": ["sythetic"]}, "sheets.one.data_sets: `sythetic`"),
        ({"data_sets": ["copies"]}, "sheets.one.data_sets: `copies`"),
        (
            {"columns": "snapshots"},
            "sheets.one.snapshots: none, for gans.training.snapshots of base is empty",
        ),
        ({"columns": "noise", "data_sets": ["deaf"]}, "sheets.one.columns: noise, and the generator of deaf"),
        (
            {"panels": ["structure_map"]},
            "sheets.one.panels: structure_map, and gans.conditions of base has none",
        ),
        ({"budget": 2}, "sheets.one.budget: 2 (expected one of 3, all)"),
        ({"replicate": 6}, "sheets.one.replicate: 6 of 5"),
        ({"panels": ["painted"]}, "sheets.one.panels"),
    ],
)
def test_what_cannot_be_meant_is_told_by_sheet_and_key(changes, error):
    assert error in only_problem(**DEAF, data_sets__copies={"kind": "copies"}, **sheet(**changes))


def test_a_snapshot_that_is_not_kept_is_told():
    line = only_problem(**sheet(columns="snapshots", snapshots=[7, 9]), gans__training__snapshots=[7])
    assert "sheets.one.snapshots: 9, which gans.training.snapshots of base does not keep" in line


def test_all_generators_of_a_sheet_keep_the_steps_that_it_shows():
    changes = {
        "data_sets__b": {"kind": "gan", "variant": "late"},
        "variants__late": {"gans": {"training": {"snapshots": [9]}}},
        "gans__training__snapshots": [7],
    }
    line = only_problem(
        **sheet(columns="snapshots", rows="data_sets", data_sets=["synthetic", "b"]), **changes
    )
    assert "sheets.one.snapshots: 7, which gans.training.snapshots of late does not keep" in line

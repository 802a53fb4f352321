import pytest

from synthem.config.watershed import watershed_contradictions
from tests.shared.demo_config import DEMO
from tests.shared.settings import edited

TARGET = {"kind": "mask", "affinities": {"long_range": False, "across_slices": False}}


def problems(target=TARGET, bodies=(), tiles=None, **changes):
    """tiles: {target: whether it has tiles}."""
    watershed = DEMO["watershed"] | changes
    watershed["bodies"] = watershed["bodies"] | dict(bodies)
    tiles = {"stack": False} if tiles is None else tiles
    return [
        str(one)
        for one in watershed_contradictions(
            {
                "watershed": watershed,
                "unets": {"target": target},
                "targets": [*tiles],
                "volumes": {name: {"tiles": flat} for name, flat in tiles.items()},
            }
        )
    ]


@pytest.mark.parametrize("method", ["membranes", "mutex", "agglomeration"])
def test_cells_are_not_tuned_by_the_overlap_of_masks(method):
    for changes in ({"method": method}, {"compare": ["bodies", method]}):
        (line,) = problems(**changes)
        assert f"watershed.tune_by: iou for `{method}`" in line and "tune_by: cremi_score" in line
        assert not problems(**changes, tune_by="voi")


def test_slices_are_linked_only_where_they_are_apart():
    (line,) = problems(bodies={"link_overlap": 0.5})
    assert "watershed.bodies.link_overlap: 0.5 without per_slice" in line
    assert not problems(bodies={"link_overlap": 0.5, "per_slice": True})


def test_a_mutex_watershed_needs_affinities_of_long_range():
    affinities = TARGET | {"kind": "affinities"}
    long = edited(affinities, affinities__long_range=True)
    (line,) = problems(affinities, method="mutex", tune_by="voi")
    assert "unets.target.affinities.long_range: false" in line
    assert not problems(long, method="mutex", tune_by="voi")
    assert not problems(affinities, method="agglomeration", tune_by="voi")
    assert not problems(method="mutex", tune_by="voi")


def test_no_median_is_taken_of_affinities_or_tiles():
    (line,) = problems(TARGET | {"kind": "affinities"}, median_slices=3)
    assert "watershed.median_slices: 3 with unets.target.kind: affinities" in line
    (line,) = problems(tiles={"nuclei": True}, median_slices=5)
    assert "watershed.median_slices: 5 of tiles" in line
    assert not problems(tiles={"nuclei": True, "stack": False}, median_slices=5), "the stack has slices"
    assert not problems(tiles={}, median_slices=3) and not problems(median_slices=9)
    assert not problems(TARGET | {"kind": "affinities"}, tiles={"nuclei": True})


def test_slices_are_not_skipped_where_each_is_cut_by_itself():
    mutex = DEMO["watershed"]["mutex"] | {"stride": [2, 4, 4]}
    (line,) = problems(mutex=mutex)
    assert "watershed.mutex.stride: [2, 4, 4]" in line
    assert not problems(mutex=mutex | {"across_slices": True})


def test_cells_that_go_on_in_z_need_affinities_across_slices():
    flat = edited(TARGET, kind="affinities", affinities__long_range=True)
    for method in ("mutex", "agglomeration"):
        asked = {
            "method": method,
            "tune_by": "voi",
            method: DEMO["watershed"][method] | {"across_slices": True},
        }
        (line,) = problems(flat, **asked)
        assert f"watershed.{method}.across_slices: true" in line
        assert not problems(edited(flat, affinities__across_slices=True), **asked)
        assert not problems(**asked)


def test_the_thresholds_of_the_demo_are_the_grid_of_bernal_serrano():
    """Tables 5.2 - 5.4 and 5.7 - 5.9 of the thesis of 2021."""
    membranes = DEMO["watershed"]["membranes"]
    assert membranes["interior_thresholds"] == [0.73, 0.8, 0.83, 0.86, 0.88, 0.9]
    assert membranes["edge_rises"] == [0.0, 0.02, 0.04, 0.06, 0.08, 0.1]

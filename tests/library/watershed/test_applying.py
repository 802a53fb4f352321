import h5py
import numpy as np
import pytest

from synthem.storage.arrays import write_arrays
from synthem.storage.volumes import Facts
from synthem.watershed.applying import confidence, lengths_in, segment_stack, settings_of_runs

COMPONENTS = {"thresholds": [0.2, 0.8], "neighbours": 6, "smallest_nm3": 150}


def run(**settings):
    return {"settings": settings}


def test_one_run_keeps_its_settings_and_several_have_the_mean():
    assert settings_of_runs([run(threshold=0.7)]) == {"threshold": 0.7}
    both = [run(interior_threshold=0.8, edge_rise=0.02), run(interior_threshold=0.9, edge_rise=0.04)]
    assert settings_of_runs(both) == {"interior_threshold": 0.85, "edge_rise": 0.03}


def test_confidence_is_the_share_of_the_way_from_the_border():
    found = confidence(np.array([0, 0.6, 0.8, 0.85, 1], np.float32), 0.8)
    assert found.tolist() == [255, 64, 0, 64, 255]  # 0.6 and 0.85 are a quarter of the ways to 0 and 1
    assert found.dtype == np.uint8


def test_networks_that_disagree_are_sure_of_nothing():
    spread = np.array([0, 255, 55], np.uint8)
    assert confidence(np.array([1, 1, 1], np.float32), 0.5, spread).tolist() == [255, 0, 200]


def test_a_border_at_an_end_has_no_other_side():
    assert confidence(np.array([0, 1], np.float32), 1.0).tolist() == [255, 0]


@pytest.fixture
def predicted(tmp_path):
    """Bodies from 204 / 255 = 0.8 on, of 3 voxels and of 1 (100 nm3 each); networks that differ once."""
    stored, spread = np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 4), np.uint8)
    stored[:, 0, 0], stored[0, 1, 0], stored[1, 1, 3], stored[0, 0, 3] = 255, 204, 230, 102
    spread[0, 0, 0] = 100
    write_arrays(tmp_path / "probability.h5", {"test": stored, "disagreement": spread}, {})
    return tmp_path / "probability.h5"


def test_nothing_is_found_in_the_mirror_images_beside_tiles(tmp_path):
    """A body of 3 x 3 pixels at the end of a tile of 4 x 5, and its image behind: one of 3 x 3, not 3 x 6."""
    stored = np.zeros((2, 6, 8), np.uint8)
    stored[:, 1:4, 2:8], stored[:, 5, 0:2] = 255, 255
    write_arrays(tmp_path / "probability.h5", {"test": stored}, {})
    tiles = {"blocks": {"test": ((0, 2),)}, "tiles": ((6, 8), (4, 5)), "linked": False}
    known = {"settings": COMPONENTS | {"smallest_nm3": 0}, "threads": 1, "zeros": np.zeros}
    segment_stack(
        tmp_path / "found.h5",
        tmp_path / "probability.h5",
        Facts(voxel_size_nm=(4.0, 5.0, 5.0), **tiles),
        {"kind": "mask"},
        method="components",
        tuned={"threshold": 0.8},
        **known,
    )
    with h5py.File(tmp_path / "found.h5") as file:
        for name in ("mask", "labels"):
            assert np.count_nonzero(file[name][0]) == 3 * 6 + 2, name
            marked = np.argwhere(file[name][1])
            assert marked.tolist() == [[y, x] for y in (1, 2, 3) for x in (2, 3, 4)], name
        assert len(np.unique(file["labels"][1])) == 2


def test_a_stack_is_cut_as_the_median_of_its_slices(tmp_path):
    stored = np.uint8([255, 0, 255, 255, 0, 0]).reshape(-1, 1, 1)
    write_arrays(tmp_path / "probability.h5", {"test": stored}, {})
    facts = Facts(voxel_size_nm=(4.0, 5.0, 5.0), blocks={"test": ((0, 6),)})
    how = {"method": "components", "settings": COMPONENTS | {"smallest_nm3": 0}, "tuned": {"threshold": 0.5}}
    files = tmp_path / "found.h5", tmp_path / "probability.h5"
    segment_stack(*files, facts, {"kind": "mask"}, **how, median_slices=3, threads=1, zeros=np.zeros)
    with h5py.File(files[0]) as file:
        assert file["mask"][...].ravel().tolist() == [1, 1, 1, 1, 0, 0]
        assert file["labels"][...].ravel().tolist() == [1, 1, 1, 1, 0, 0]


def test_a_stack_is_cut_by_what_was_tuned_and_each_voxel_has_its_confidence(predicted, tmp_path):
    facts = Facts(voxel_size_nm=(4.0, 5.0, 5.0), blocks={"test": ((0, 2),)})
    path, known = tmp_path / "segmentation.h5", {"settings": COMPONENTS, "threads": 1, "zeros": np.zeros}
    target = {"kind": "mask"}
    found = segment_stack(
        path, predicted, facts, target, method="components", tuned={"threshold": 0.8}, **known
    )
    assert found == 0.8
    with h5py.File(path) as file:
        assert list(file) == ["confidence", "labels", "mask"]
        assert tuple(file.attrs["voxel_size_nm"]) == (4, 5, 5)
        assert file["labels"][...].tolist() == [[[1, 0, 0, 0], [1, 0, 0, 0]], [[1, 0, 0, 0], [0, 0, 0, 0]]]
        assert file["mask"][...].tolist() == [[[1, 0, 0, 0], [1, 0, 0, 0]], [[1, 0, 0, 0], [0, 0, 0, 1]]]
        # 102 is 0.4, half of the way to 0; 230 is 26 / 51 of the way to 1; 100 of disagreement leaves 155.
        expected = [[[155, 255, 255, 128], [0, 255, 255, 255]], [[255, 255, 255, 255], [255, 255, 255, 130]]]
        assert file["confidence"][...].tolist() == expected


def test_lengths_in_pixels_stay_as_long_in_a_stack_of_other_pixels():
    settings = {"marker_radius": 10, "segment_reach": 0, "link_overlap": 0.5, "most_markers": 40}
    scaled = {"method": "membranes", "settings": settings}
    learnt = (50.0, 8.0, 8.0)
    assert lengths_in(learnt, learnt, **scaled) == {"marker_radius": 10, "segment_reach": 0}
    assert lengths_in((40.0, 4.0, 4.0), learnt, **scaled) == {"marker_radius": 20, "segment_reach": 0}
    assert lengths_in((40.0, 4.0, 16.0), learnt, **scaled) == {"marker_radius": 10, "segment_reach": 0}
    tiny = {"method": "agglomeration", "settings": {"marker_radius": 5, "quantile": 0}}
    assert lengths_in((40.0, 100.0, 100.0), learnt, **tiny) == {"marker_radius": 1}
    assert lengths_in((40.0, 4.0, 4.0), learnt, method="bodies", settings={"smallest_nm3": 1}) == {}

import numpy as np

from synthem.watershed.applying import border_of, confidence, settings_of_runs


def run(**settings):
    return {"settings": settings}


def test_one_run_keeps_its_settings_and_several_have_the_mean():
    assert settings_of_runs([run(threshold=0.7)]) == {"threshold": 0.7}
    both = [run(interior_threshold=0.8, edge_rise=0.02), run(interior_threshold=0.9, edge_rise=0.04)]
    assert settings_of_runs(both) == {"interior_threshold": 0.85, "edge_rise": 0.03}


def test_the_border_is_the_threshold_but_of_fragments():
    assert border_of("bodies", {"threshold": 0.7}) == 0.7
    assert border_of("membranes", {"interior_threshold": 0.8, "edge_rise": 0.1}) == 0.8
    assert border_of("agglomeration", {"threshold": 0.9}) == 0.5


def test_confidence_is_the_share_of_the_way_from_the_border():
    found = confidence(np.array([0, 0.6, 0.8, 0.85, 1], np.float32), 0.8)
    assert found.tolist() == [255, 64, 0, 64, 255]  # 0.6 and 0.85 are a quarter of the ways to 0 and 1
    assert found.dtype == np.uint8


def test_networks_that_disagree_are_sure_of_nothing():
    spread = np.array([0, 255, 55], np.uint8)
    assert confidence(np.array([1, 1, 1], np.float32), 0.5, spread).tolist() == [255, 0, 200]


def test_a_border_at_an_end_has_no_other_side():
    assert confidence(np.array([0, 1], np.float32), 1.0).tolist() == [255, 0]

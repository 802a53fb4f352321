import numpy as np
import pytest
from skimage import measure

from synthem.config.watershed import OF_CELLS
from synthem.storage.arrays import as_stored
from synthem.storage.scratch import scratch
from synthem.storage.volumes import Facts
from synthem.watershed.agglomeration import fragment_slices
from synthem.watershed.membranes import PRESETS
from synthem.watershed.methods import METHODS, candidates, segment, segment_mask
from synthem.watershed.predictions import Prediction, affinities_of
from tests.shared.cell_predictions import SETTINGS, predicted, two_cells
from tests.shared.demo_config import SCHEMA
from tests.shared.membrane_cells import segment_cells
from tests.shared.project import PROJECT
from tests.shared.true_affinities import affinities


def found(method, inside, *, linked=True, **changes):
    settings = SETTINGS[method] | changes
    ((_, labels),) = METHODS[method].candidates(predicted(inside, linked), threads=1, **settings)
    assert labels.dtype == np.uint32 and labels.shape == np.shape(inside)
    assert np.unique(labels[labels > 0]).tolist() == list(range(1, labels.max() + 1))
    return labels


def test_every_method_is_known_to_the_schema_and_to_these_tests_with_all_of_its_settings():
    """docs/contributing.md, "A way to instances", says what to write where one is missing."""
    sections = SCHEMA["properties"]["watershed"]["properties"]
    assert set(SCHEMA["$defs"]["method"]["enum"]) == set(METHODS) == set(SETTINGS)
    for name, method in METHODS.items():
        keys = set(sections[name]["required"])
        assert keys == set(SETTINGS[name]), f"SETTINGS of {name}, tests/shared/cell_predictions.py"
        assert {*method.tuned, *method.lengths} <= keys, f"`tuned` and `lengths` of {name}"
        assert name in OF_CELLS or method.tuned == ("thresholds",), f"{name}: `iou` tunes these alone"


def test_every_method_has_its_words_among_the_ways_to_instances():
    page = (PROJECT / "docs/output.md").read_text()
    ways = page.partition("## Ways to instances")[2].partition("\n## ")[0]
    assert [name for name in METHODS if f"\n| `{name}` | " not in ways] == []


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_marked_beside_tiles_whatever_is_predicted_there(method):
    """The second of two slices is a tile of 13 x 12 pixels: its mirror image would be another cell."""
    whole = predicted(two_cells(0.2), linked=False)
    each = {"method": method, "settings": SETTINGS[method], "threads": 1}
    ((_, beside),) = candidates(whole, **each)
    ((_, labels),) = candidates(whole._replace(tiles=((13, 25), (13, 12))), **each)
    np.testing.assert_array_equal(labels[0], beside[0])
    np.testing.assert_array_equal(labels[1, :, :12], beside[1, :, :12])
    assert beside[1, :, 12:].any() and labels[1, :, :12].any() and not labels[1, :, 12:].any()


def test_a_gap_joins_components_and_the_other_methods_close_it():
    inside = two_cells(0.6)
    assert found("components", inside).max() == 2, "one per slice"
    for method in ("membranes", "mutex", "agglomeration"):
        labels = found(method, inside)
        ids = [[labels[z, 6, x] for x in (6, 18)] for z in (0, 1)]
        assert len(set(np.ravel(ids))) == 4, method
    assert found("bodies", inside).max() == 2, "one per body"


@pytest.mark.parametrize("method", ["membranes", "agglomeration"])
def test_a_sure_gap_is_no_border(method):
    labels = found(method, two_cells(0.95, depth=1))
    assert labels[0, 6, 6] == labels[0, 6, 18] == 1


def test_whether_a_method_follows_cells_through_z_is_known_from_its_settings():
    inside = two_cells(0.6)
    through = {
        "components": {"neighbours": 6},
        "bodies": {},
        "membranes": {"link_overlap": 0.5},
        "mutex": {"across_slices": True},
        "agglomeration": {"across_slices": True},
    }
    apart = {
        "components": {"neighbours": 8},
        "bodies": {"per_slice": True},
        "membranes": {},
        "mutex": {},
        "agglomeration": {},
    }
    assert set(METHODS) == set(through) == set(apart), "say of a method that is added with what it follows z"
    for method in METHODS:
        for changes, follows in ((through[method], True), (apart[method], False)):
            labels = found(method, inside, **changes)
            assert bool(set(np.unique(labels[0])) & set(np.unique(labels[1])) - {0}) == follows, method
            assert METHODS[method].follows_z(SETTINGS[method] | changes) == follows
        labels = found(method, inside, linked=False, **through[method])
        assert not set(np.unique(labels[0])) & set(np.unique(labels[1])) - {0}, "tiles are no neighbours"


def test_thin_borders_leave_a_line_between_cells():
    inside = np.zeros((2, 9, 20), np.float32)
    inside[:, :, :8] = inside[:, :, 13:] = 0.9  # a border of five columns
    wide, thin = (found("membranes", inside, thin=wanted) for wanted in (False, True))
    assert (wide > 0).sum(axis=2).tolist() == [[15] * 9] * 2
    assert (thin > 0).sum(axis=2).tolist() == [[19] * 9] * 2
    assert [sorted(set(plane.ravel()) - {0}) for plane in thin] == [[1, 2], [3, 4]]


@pytest.mark.parametrize("method", ["components", "mutex", "agglomeration"])
def test_small_instances_are_dropped(method):
    inside = two_cells(0.0, depth=1)
    inside[0, 1:3, 1:12] = 0  # 9 x 11 voxels of 125 nm3 are left of the first cell
    labels = found(method, inside, smallest_nm3=100 * 125)
    assert labels.max() == 1 and labels[0, 6, 18] == 1 and not labels[0, :, :12].any()


def test_every_setting_that_lists_hold_is_tried_in_order():
    settings = SETTINGS["membranes"] | {"interior_thresholds": [0.5, 0.7], "edge_rises": [0, 0.08]}
    tried = [
        setting
        for setting, _ in METHODS["membranes"].candidates(predicted(two_cells(0.6)), threads=1, **settings)
    ]
    pairs = [(s["interior_threshold"], s["edge_rise"], s["edge_threshold"]) for s in tried]
    assert pairs == [(0.5, 0, 0.5), (0.5, 0.08, 0.58), (0.7, 0, 0.7), (0.7, 0.08, 0.78)]
    for method in ("components", "bodies", "mutex", "agglomeration"):
        settings = SETTINGS[method] | {"thresholds": [0.7, 0.3]}
        tried = METHODS[method].candidates(predicted(two_cells(0.6)), threads=1, **settings)
        assert [setting for setting, _ in tried] == [{"threshold": 0.7}, {"threshold": 0.3}]


@pytest.mark.parametrize("method", SETTINGS)
def test_the_chosen_setting_gives_the_labels_that_it_was_chosen_for(method):
    rng = np.random.default_rng(0)
    inside = np.clip(two_cells(0.6) + 0.2 * rng.standard_normal((2, 13, 25)), 0, 1)
    lists = {"interior_thresholds": [0.4, 0.6], "edge_rises": [0.1, 0.3], "thresholds": [0.4, 0.7]}
    settings = SETTINGS[method] | {name: lists[name] for name in lists if name in SETTINGS[method]}
    prediction = predicted(inside)
    for chosen, labels in METHODS[method].candidates(prediction, threads=1, **settings):
        again = segment(prediction, method=method, settings=settings, chosen=chosen, threads=2)
        np.testing.assert_array_equal(again, labels)


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("components", {"neighbours": 26, "smallest_nm3": 1000}),
        ("bodies", {"fill_holes": True, "smallest_nm3": 1000}),
        ("bodies", {"per_slice": True, "link_overlap": 0.3}),
        ("membranes", {"link_overlap": 0.3}),
        ("membranes", {"thin": True}),
        ("mutex", {"smallest_nm3": 1000}),
        ("mutex", {"across_slices": True}),
        ("agglomeration", {"smallest_nm3": 1000}),
        ("agglomeration", {"across_slices": True}),
    ],
)
def test_arrays_in_files_give_the_same_labels(method, changes, linked, tmp_path):
    rng = np.random.default_rng(1)
    inside = np.clip(two_cells(0.0, depth=5) + 0.15 * rng.standard_normal((5, 13, 25)), 0, 1)
    prediction, settings = predicted(inside, linked), SETTINGS[method] | changes
    results = [
        next(METHODS[method].candidates(one, threads=1, **settings))[1]
        for one in (prediction, prediction._replace(zeros=scratch(tmp_path, in_memory=0)))
    ]
    assert isinstance(results[1].base, np.memmap) and results[0].max() > 1
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_the_thresholds_of_the_paper(preset):
    inside = two_cells(0.87)
    chosen = {"preset": preset, "marker_radius": 10, "interior_thresholds": [], "edge_rises": []}
    ((setting, labels),) = METHODS["membranes"].candidates(
        predicted(inside), threads=1, **SETTINGS["membranes"] | chosen
    )
    assert setting["interior_threshold"] == PRESETS[preset]["interior_threshold"]
    assert setting["edge_threshold"] == PRESETS[preset]["edge_threshold"]
    np.testing.assert_array_equal(labels, segment_cells(inside, threads=1, **PRESETS[preset]))


def test_affinities_of_the_network_are_used_where_it_has_learnt_them():
    """A network that is everywhere sure of the inside, but not that the two halves are one."""
    cells = np.repeat([[[1, 1, 1, 2, 2, 2]]], 4, axis=1)
    steps = ((-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, 0, -3))
    learnt = affinities(cells, steps).astype(np.float32)
    learnt[2][learnt[2] == 0] = 0.3
    prediction = Prediction(np.ones(cells.shape, np.float32), as_stored(learnt), steps, 3, (5, 5, 5), True)
    for method, changes in (("mutex", {}), ("agglomeration", {"marker_radius": 1})):
        ((_, labels),) = METHODS[method].candidates(prediction, threads=1, **SETTINGS[method] | changes)
        if method == "mutex":
            np.testing.assert_array_equal(labels, cells)
        else:
            assert labels.max() == 1, "a slice full of interior is one fragment"


def test_steps_between_slices_are_used_where_asked_for_and_slices_are_neighbours():
    steps = ((-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, -9, 0), (-1, 9, 0))
    learnt = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((3, 4, 4), np.uint8)
    inside = np.ones((3, 4, 4), np.float32)

    def used(linked, **choice):
        prediction = Prediction(inside, learnt, steps, 3, (5, 5, 5), linked)
        values, found, short = affinities_of(prediction, slice(1, 3), **choice)
        assert values.shape == (len(found), 2, 4, 4)
        channels = np.rint(255 * values[:, 0, 0, 0]).astype(int).tolist()
        return channels, list(found) == [steps[channel] for channel in channels], short

    assert used(True, across_slices=True, long_range=True) == ([0, 1, 2, 3, 4], True, 3)
    assert used(True, across_slices=False, long_range=True) == ([1, 2, 3], True, 2)
    assert used(False, across_slices=True, long_range=True) == ([1, 2, 3], True, 2)
    assert used(True, across_slices=False, long_range=False) == ([1, 2], True, 2)


def test_fragments_touch_and_cover_all_parts_that_have_a_marker():
    inside = two_cells(0.6, depth=1)
    fragments = fragment_slices(inside, interior_threshold=0.5, marker_radius=4)
    np.testing.assert_array_equal(fragments > 0, inside > 0.5)
    assert fragments.max() == 2
    assert all(measure.label(fragments[0] == number, connectivity=1).max() == 1 for number in (1, 2))
    inside[0, 12, 6] = 0.9  # nothing: joins the cell above
    inside[0, 6, 12] = 0
    assert fragment_slices(inside, interior_threshold=0.5, marker_radius=4).max() >= 2


def test_a_mask_is_segmented_like_the_probability_0_and_1():
    mask = (two_cells(0.6) > 0.5).astype(np.uint8)
    facts = Facts(voxel_size_nm=(5, 5, 5))
    settings = {name: value for name, value in SETTINGS["components"].items() if name != "thresholds"}
    labels = segment_mask(mask, facts, "test", method="components", settings=settings)
    np.testing.assert_array_equal(labels, found("components", mask))


def test_in_scattered_slices_the_smallest_body_is_judged_by_the_section_of_a_ball():
    # A ball of 100,000 nm3 has a radius of 28.8 nm and a section of 2,605 nm2: 104 pixels of 5 x 5 nm. In a
    # slice of 5 nm alone, 800 pixels are as much as 100,000 nm3.
    inside = np.zeros((2, 20, 40), np.float32)
    inside[:, 2:12, 2:12] = inside[:, 2:13, 20:31] = 1  # 100 and 121 pixels
    for method in ("components", "bodies", "mutex", "agglomeration"):
        settings = SETTINGS[method] | {"smallest_nm3": 1e5}
        of_places = predicted(inside, linked=False)
        ((_, labels),) = METHODS[method].candidates(of_places, threads=1, **settings)
        assert labels.max() == 0, method
        scattered = of_places._replace(scattered=True)
        ((_, labels),) = METHODS[method].candidates(scattered, threads=1, **settings)
        assert (labels > 0).sum(axis=(1, 2)).tolist() == [121, 121], method
        assert labels.max() == 2, method


def test_a_slice_alone_shows_a_section_too():
    facts = Facts(voxel_size_nm=(5, 5, 5), blocks={"test": ((3, 4),), "validation": ((0, 2),)})
    assert facts.scattered("test") and not facts.scattered("validation")
    assert not Facts(voxel_size_nm=(5, 5, 5), blocks={"test": ((3, 4),)}, linked=False).scattered("test")


def test_a_block_of_scattered_slices_is_no_stack():
    facts = Facts(voxel_size_nm=(5, 5, 5), blocks={"test": ((3, 4), (9, 10)), "validation": ((0, 2),)})
    assert (facts.linked_in("test"), facts.scattered("test")) == (False, True)
    assert (facts.linked_in("validation"), facts.scattered("validation")) == (True, False)
    mask = np.zeros((2, 8, 8), np.uint8)
    mask[:, 2:6, 2:6] = 1
    settings = {name: value for name, value in SETTINGS["components"].items() if name != "thresholds"}
    settings["neighbours"] = 26
    for block, count in (("test", 2), ("validation", 1)):
        assert segment_mask(mask, facts, block, method="components", settings=settings).max() == count

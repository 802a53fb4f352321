import io
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from synthem.figures import sheets as figures
from synthem.figures.curves import smoothed, spans_decades, training_curves
from synthem.figures.segmentations import Replicate, ranked_slices, segmentation_sheet
from synthem.figures.synthesis import chosen_slices, judgement, repainting_sheet, synthesis_sheet
from synthem.figures.volume_sheets import membrane_sheet, shown_slices, volume_sheet
from synthem.kernels.components import label_components
from synthem.storage.volumes import Facts, Volume

MASKS = ["mitochondria", "membrane"]
BLOCKS = {"train": ((0, 4),), "validation": ((5, 6),), "test": ((7, 9),)}


def stack(*, channels=(), voxel_size_nm=(50.0, 5.0, 5.0), masks=("mitochondria", "membrane"), blocks=BLOCKS):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (9, 40, 60, *channels), dtype=np.uint8)
    facts = Facts(voxel_size_nm, blocks=blocks)
    return Volume(image, facts, {name: rng.integers(0, 2, (9, 40, 60), np.uint8) for name in masks})


def segmented(volume, ious=None):
    """The sheet of a test block in which every arm found the instances of the mask `membrane`."""
    ious = ious or {"real": [0.5] * len(volume.image)}  # of 9 it shows slices 0, 4 and 8
    rows = ranked_slices(ious["real"])
    mask = volume.masks.get("membrane", volume.masks["mitochondria"])
    found = label_components(mask > 0, neighbours=26)[0][list(rows.values())]
    labels = dict.fromkeys(ious, found)
    found = Replicate(labels, ious, rows, dict.fromkeys(ious, found > 0))
    return segmentation_sheet(volume, found, structure="mitochondria", reference="real")


def is_picture(data):
    picture = Image.open(io.BytesIO(data))
    return picture.format == "PNG" and picture.width == figures.WIDTH * figures.DPI


def test_a_scale_bar_is_its_length_in_nm_over_the_pixel_size_along_x():
    # 100 pixels of 4 nm are 400 nm; 30 % are 120 nm; the round length below is 100 nm = 25 pixels.
    axes = Figure().add_subplot()
    assert figures.add_scale_bar(axes, (50, 100), (30, 8, 4)).get_width() == pytest.approx(25)
    assert axes.texts[0].get_text() == "100 nm"


def test_the_scale_bar_of_a_small_tile_lies_on_it():
    # 30 % of 50 pixels of 4 nm are 60 nm; the round length below is 50 nm = 12.5 pixels.
    axes = Figure().add_subplot()
    picture = np.zeros((100, 200, 3), np.uint8)
    figures.show(axes, picture, (30, 4, 4), bar=True, tile=(40, 50))
    (bar,) = axes.patches
    assert bar.get_width() == pytest.approx(12.5)
    assert 0 < bar.get_x() and bar.get_x() + bar.get_width() < 50
    assert 20 < bar.get_y() and bar.get_y() + bar.get_height() < 40


def test_long_scale_bars_are_written_in_micrometres():
    assert figures.round_length(3700) == 2000
    assert figures.length_text(2000) == "2 µm"
    assert figures.length_text(500) == "500 nm"


def test_labels_of_flat_rows_do_not_run_into_each_other():
    """Slices along z of a thin stack, 165 x 256 pixels of 5 x 10 nm: a third as high as wide."""
    for aspect, full in ((0.32, False), (1, True)):
        figure, axes = figures.sheet(3, 6, aspect=aspect)
        for row, text in zip(axes, ("real", "new masks", "generated"), strict=True):
            figures.label_row(row[0], text)
        labels = [row[0].yaxis.label for row in axes]
        boxes = [label.get_window_extent() for label in labels]
        assert all(above.y0 >= below.y1 for above, below in zip(boxes, boxes[1:], strict=False))
        assert (min(label.get_fontsize() for label in labels) == 10) == full


def test_pixels_twice_as_high_as_wide_are_drawn_so():
    axes = Figure().add_subplot()
    figures.show(axes, np.zeros((10, 10, 3), np.uint8), (1, 8, 4))
    assert axes.get_aspect() == 2
    assert figures.true_aspect((10, 10), (1, 8, 4)) == 2


def test_the_same_volume_gives_the_same_bytes_and_no_date():
    first, second = volume_sheet(stack(), "mitochondria"), volume_sheet(stack(), "mitochondria")
    assert first == second
    assert set(Image.open(io.BytesIO(first)).info) <= {"dpi"}


def test_a_slice_is_shown_from_every_block():
    assert shown_slices(stack()) == {2: "training", 5: "validation", 8: "test"}


def test_a_block_in_two_pieces_shows_the_slice_in_the_middle_of_them():
    blocks = {"train": ((0, 2), (6, 9)), "test": ((3, 5),)}
    assert shown_slices(stack(blocks=blocks)) == {4: "test", 6: "training"}  # of 0 1 6 7 8 the third


def test_a_volume_without_blocks_is_shown_over_its_depth():
    assert list(shown_slices(stack(blocks={}))) == [1, 4, 7]


def test_unlabelled_slices_are_shown_as_such_and_a_membrane_in_them_is_not(monkeypatch):
    volume = stack(blocks={"train": ((0, 2),), "test": ((7, 9),), "unlabelled": ((2, 6),)})
    assert shown_slices(volume) == {1: "training", 4: "unlabelled", 8: "test"}
    written = []
    monkeypatch.setattr("synthem.figures.volume_sheets.label_row", lambda axis, text: written.append(text))
    volume_sheet(volume, "mitochondria")
    assert written == ["slice 1 · training", "slice 4 · unlabelled", "slice 8 · test"]
    written.clear()
    membrane_sheet(volume, volume.masks["membrane"], volume.masks["membrane"].astype(float))
    assert written == ["slice 1 · training", "slice 8 · test"]


@pytest.mark.parametrize("volume", [stack(channels=(3,)), stack(masks=()), stack(voxel_size_nm=(30, 8, 4))])
def test_colour_images_volumes_without_masks_and_oblong_pixels_can_be_drawn(volume):
    assert is_picture(volume_sheet(volume, "mitochondria"))


def test_16_bit_images_are_stretched_to_what_they_hold():
    plane = np.array([[1000, 3000]], np.uint16)
    assert figures.to_rgb(plane, (1000, 3000))[0, :, 0].tolist() == [0, 255]


def test_found_missed_and_false_pixels_have_three_colours():
    grey = np.full((1, 4, 3), 128, np.uint8)
    painted = figures.agreement(grey, np.array([[1, 0, 1, 0]]), np.array([[1, 1, 0, 0]]))[0]
    assert len({tuple(pixel) for pixel in painted.tolist()}) == 4
    assert painted[3].tolist() == [128, 128, 128]


@pytest.mark.parametrize("truth", [None, np.ones((9, 40, 60), np.uint8)])
def test_membranes_are_drawn_with_and_without_withheld_truth(truth):
    volume = stack()
    probability = np.random.default_rng(0).random((9, 40, 60))
    assert is_picture(membrane_sheet(volume, volume.masks["membrane"], probability, truth))


def test_kept_slices_are_spread_and_rejected_ones_come_last_from_the_worst_to_the_best():
    kept = np.array([True, False, True, False, False, True])
    assert chosen_slices(kept, [0, 1, 0, 9, 5, 0]) == [0, 2, 5, 3, 4, 1]
    assert chosen_slices(np.ones(9, bool), range(9)) == [0, 2, 3, 5, 6, 8]
    assert chosen_slices(np.zeros(11, bool), range(11)) == [10, 8, 6, 4, 2, 0]
    assert chosen_slices(np.arange(11) < 9, range(11)) == [0, 3, 5, 8, 10, 9]  # 2.67, 5.33 are rounded
    assert chosen_slices(np.arange(9) < 1, range(9)) == [0, 8, 6, 4, 3, 1]  # 8, 6.25, 4.5 (to 4), 2.75, 1


def judged(kept, reason="deviates"):
    return [
        {"kept": one, "reason": "" if one else reason, "furthest": "sharpness", "deviation": 12.5}
        for one in kept
    ]


@pytest.mark.parametrize("kept", [np.ones(9, bool), np.zeros(9, bool), np.arange(9) < 2])
def test_synthesis_is_drawn_whatever_was_kept(kept):
    assert is_picture(synthesis_sheet(stack().image, stack(), judged(kept), masks=MASKS))


def test_a_rejected_slice_says_what_for():
    (kept, far), (blank,) = judged([True, False]), judged([False], "blank")
    assert [judgement(row) for row in (kept, far, blank)] == ["✓ kept", "✗ sharpness\n12.5-fold", "✗ blank"]


def test_images_painted_on_the_structure_alone_are_drawn_without_a_membrane():
    volume = stack(masks=("mitochondria",))
    painted = replace(volume, facts=replace(volume.facts, provenance={"source_slices": list(range(9))}))
    assert is_picture(repainting_sheet(volume.image, painted, masks=MASKS[:1]))
    assert is_picture(synthesis_sheet(volume.image, volume, judged(np.ones(9, bool)), masks=MASKS[:1]))


def test_colour_synthesis_can_be_drawn():
    volume = stack(channels=(3,))
    assert is_picture(synthesis_sheet(volume.image, volume, judged(np.ones(9, bool)), masks=MASKS))


def test_best_middling_and_worst_slices_leave_out_undefined_ones():
    assert ranked_slices([None, 0.2, 0.9, 0.5]) == {"best": 2, "middling": 3, "worst": 1}
    assert ranked_slices([0.2, 0.9]) == {"best": 1, "worst": 0}
    assert ranked_slices([0.4, None]) == {"best": 0}
    assert ranked_slices([None, None, None]) == {"no truth": 1}


def test_segmentations_with_undefined_scores_can_be_drawn():
    volume = stack(blocks={"test": ((20, 29),)})
    ious = {"real": [None, 0.5] + [0.1] * 7, "mixed": [None] * 9}
    assert is_picture(segmented(volume, ious))


@pytest.fixture
def legends(monkeypatch):
    """What the legends of the figures say."""
    said = []

    def add_legend(figure, entries, **settings):
        said.extend(entries)

    for module in ("figures.volume_sheets", "figures.segmentations"):
        monkeypatch.setattr(f"synthem.{module}.add_legend", add_legend)
    return said


def unknown_in(z):
    """The left half of slice z is unknown."""
    ignore = np.zeros((9, 40, 60), np.uint8)
    ignore[z, :, :30] = 1
    return ignore


def sheets(volume, ignore):
    """Every sheet that shows unknown ground, of one volume."""
    shown = replace(volume, ignore={} if ignore is None else {"mitochondria": ignore})
    probability, truth = np.zeros((9, 40, 60)), np.ones((9, 40, 60), np.uint8)
    test = replace(shown, facts=replace(shown.facts, blocks={"test": ((0, 9),)}))
    yield volume_sheet(shown, "mitochondria")
    yield membrane_sheet(volume, truth, probability, truth, ignore)
    yield segmented(test)


def test_unknown_ground_is_drawn_and_named_where_there_is_some(legends):
    plain, veiled = list(sheets(stack(), None)), list(sheets(stack(), unknown_in(8)))
    assert all(is_picture(data) for data in veiled)
    assert all(before != after for before, after in zip(plain, veiled, strict=True))
    assert legends.count("unknown") == 3


def test_unknown_ground_in_slices_that_are_not_shown_is_not_named(legends):
    assert list(sheets(stack(), unknown_in(6))) == list(sheets(stack(), None))
    assert "unknown" not in legends


def test_what_lies_beyond_a_tile_is_not_shown_as_tissue(legends):
    """Slices of 40 x 60 pixels with tiles of 30 x 50; beyond them other grey levels, in the same numbers."""
    volume, beyond = stack(), np.ones((9, 40, 60), bool)
    beyond[:, :30, :50] = False
    sizes, unknown = ((30, 50),) * 9, {"mitochondria": beyond.astype(np.uint8)}
    facts = replace(volume.facts, tiles=sizes, linked=False, provenance={"source_slices": list(range(9))})
    image = volume.image.copy()
    image[beyond] = np.sort(image[beyond])
    pictures = []
    for shown in (volume.image, image):
        tiles = replace(volume, image=shown, facts=facts, ignore=unknown)
        test = replace(tiles, facts=replace(facts, blocks={"test": ((0, 9),)}))
        painted = replace(tiles, image=volume.image)
        judge = judged(np.ones(9, bool))
        pictures.append(
            [
                volume_sheet(
                    replace(tiles, masks={"mitochondria": volume.masks["mitochondria"]}), "mitochondria"
                ),
                segmented(test),
                synthesis_sheet(shown, painted, judge, masks=MASKS, sizes=sizes),
                repainting_sheet(shown, painted, masks=MASKS, sizes=sizes),
            ]
        )
    for before, after in zip(*pictures, strict=True):
        assert is_picture(before) and before == after
    assert "unknown" not in legends


def test_a_tile_is_bare_where_its_slice_goes_on():
    rgb = np.zeros((4, 6, 3), np.uint8)
    shown = figures.bare(rgb, (3, 5))
    assert not shown[:3, :5].any() and (shown[3:] == 255).all() and (shown[:, 5:] == 255).all()
    assert not rgb.any() and figures.bare(rgb, ()) is rgb


def test_what_was_dropped_is_half_white_and_half_grey_whatever_lies_below():
    """Of 90 pixels and fewer stripes are 2 wide; 0.85 of 255 and 0.6 of GREY (107, 116, 128) over black."""
    dropped = np.zeros((1, 20), bool)
    dropped[:, 8:] = True
    found = figures.hatch(np.zeros((1, 20, 3), np.uint8), dropped)
    assert not found[:, :8].any()
    assert {tuple(pixel) for pixel in found[0, 8:].tolist()} == {(216, 216, 216), (64, 69, 76)}
    assert (np.diff(found[0, 8:, 0].astype(int)) != 0).sum() == 5  # stripes of 2 in 12 pixels: five changes


def test_stripes_hide_unknown_pixels_and_leave_the_others():
    ignore = np.zeros((20, 60), np.uint8)
    ignore[:, 30:] = 1
    black = np.zeros((20, 60, 3), np.uint8)
    striped = figures.veil(black, ignore)
    assert (striped[:, :30] == 0).all() and (striped[:, 30:] > 90).all()
    assert len(np.unique(striped[:, 30:], axis=0).reshape(-1, 3)) > 1
    assert figures.veil(black, None) is black


def test_errors_in_unknown_ground_are_not_painted():
    """The truth and the mask of an arm may be anything there: the picture is the same."""
    ignore = unknown_in(4)
    volume = replace(stack(blocks={"test": ((0, 9),)}), ignore={"mitochondria": ignore})
    other = {name: np.where(ignore > 0, 1 - mask, mask) for name, mask in volume.masks.items()}
    pictures = [segmented(replace(volume, masks=masks)) for masks in (volume.masks, other)]
    assert pictures[0] == pictures[1]


def test_a_sample_of_pixels_has_all_their_colours(monkeypatch):
    monkeypatch.setattr(figures, "SAMPLE", 4)
    image = np.zeros((1, 3, 4, 3), np.uint8)
    image[..., 2] = 200
    assert figures.some_pixels(image).tolist() == [[0, 0, 200]] * 4
    assert figures.brightness_range(image)[1] > 190


def test_colour_segmentations_membranes_and_repaintings_can_be_drawn():
    volume = stack(channels=(3,))
    painted = replace(volume, facts=replace(volume.facts, provenance={"source_slices": list(range(9))}))
    assert is_picture(repainting_sheet(volume.image, painted, masks=MASKS))
    assert all(is_picture(data) for data in sheets(volume, unknown_in(8)))


@pytest.mark.parametrize("shape", [(1, 40, 60), (2, 7, 5), (1, 1, 512)])
def test_volumes_of_any_size_can_be_drawn(shape):
    mask = np.zeros(shape, np.uint8)
    mask[..., 0] = 1
    facts = Facts((50.0, 5.0, 5.0), blocks={"test": ((0, shape[0]),)})
    volume = Volume(mask * 200, facts, {"mitochondria": mask}, ignore={"mitochondria": 1 - mask})
    assert is_picture(volume_sheet(volume, "mitochondria"))
    assert is_picture(segmented(volume))


def test_no_two_arms_look_alike():
    styles = figures.arm_styles([f"arm {i}" for i in range(20)])
    assert all(a != b for a, b in combinations(styles.values(), 2))


def test_every_two_colours_that_stand_together_differ():
    colours = (figures.ARM_COLOURS, figures.AGREEMENT_LEGEND.values(), figures.VERDICT_COLOURS.values())
    for family in (*colours, (figures.STRUCTURE, figures.MEMBRANE)):
        assert all(a != b for a, b in combinations(family, 2))


def test_smoothing_leaves_a_constant_loss_constant_up_to_its_ends():
    assert smoothed(np.full(100, 3.0)) == pytest.approx(np.full(100, 3.0))


def test_only_positive_losses_over_decades_get_a_log_axis():
    assert spans_decades({"a": [{"step": 1, "loss": 1}, {"step": 2, "loss": "0.01"}]}, ["loss"])
    assert not spans_decades({"a": [{"step": 1, "loss": 1}, {"step": 2, "loss": -5}]}, ["loss"])
    assert not spans_decades({"a": [{"step": 1, "loss": ""}]}, ["loss"])


def test_training_curves_take_blanks_seeds_and_networks_with_other_losses():
    unet = [
        {"step": str(i), "run": (1, seed), "loss": 1 / i, "validation_loss": "" if i % 5 else 0.5}
        for seed in (0, 1)
        for i in range(1, 20)
    ]
    gan = [{"step": i, "generator": 1.0, "discriminator": None} for i in range(3)]
    histories = {"U-Net real": unet, "U-Net mixed": unet, "GAN": gan}
    assert is_picture(training_curves(histories))

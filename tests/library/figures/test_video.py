import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from synthem.errors import SynthemError
from synthem.figures import frames as drawn
from synthem.figures.instances import EXTRA, OPACITY, PAINT
from synthem.figures.sheets import name_of
from synthem.figures.video import write_video
from synthem.storage.volumes import Facts, Volume

PALETTE = drawn.palette()
NOISE = np.random.default_rng(0).integers(0, 253, (5, 20, 30), dtype=np.uint8)


def test_a_colour_of_the_palette_is_the_mixture_of_its_grey_and_its_instance():
    black, white = 3 * drawn.GREYS, 3 * drawn.GREYS + drawn.GREYS - 1  # under the third colour
    assert PALETTE[black].tolist() == (OPACITY * PAINT[3]).round().tolist()
    assert PALETTE[white].tolist() == (153 + OPACITY * PAINT[3]).round().tolist()  # 0.6 of 255
    assert PALETTE[[0, drawn.WHITE]].tolist() == [[0] * 3, [255] * 3]
    assert PALETTE[drawn.SOLID + EXTRA].tolist() == [213, 94, 0]
    assert PALETTE[drawn.SOLID + drawn.MISSED_COLOUR].tolist() == [240, 228, 66]


def test_every_colour_has_a_number_of_one_byte():
    assert PALETTE.shape == (256, 3) and drawn.SOLID + len(drawn.COLOURS) <= 256


def test_long_stacks_are_shown_by_60_slices_from_the_first_to_the_last():
    assert drawn.shown_frames(3) == [0, 1, 2]
    many = drawn.shown_frames(1000)
    assert len(set(many)) == 60 and (many[0], many[-1]) == (0, 999)


def test_a_panel_has_the_proportions_of_the_tissue():
    # 100 rows of 8 nm are 800 nm, 50 columns of 4 nm are 200 nm
    assert drawn.panel_size((100, 50), (30, 8, 4), 256) == (256, 64)


def test_labels_change_size_without_new_ids():
    labels = np.array([[1, 9], [4, 4]])
    assert drawn.nearest(labels, (4, 4))[:, 1:3].tolist() == [[1, 9], [1, 9], [4, 4], [4, 4]]
    assert drawn.nearest(np.arange(9).reshape(3, 3), (1, 1)).tolist() == [[4]]


def test_the_border_of_an_instance_is_solid_and_its_inside_shows_the_image():
    labels = np.zeros((5, 5), int)
    labels[1:4, 1:4] = 6
    picture = drawn.overlay(np.full((5, 5), 10, np.uint8), labels, {6: 2})
    assert picture[2, 2] == 2 * drawn.GREYS + 10
    assert (picture[1, 1:4] == drawn.SOLID + 2).all() and (picture[0] == 10).all()


def test_a_missed_instance_has_an_outline_alone():
    labels = np.ones((3, 3), int)
    labels[:, 2] = 0
    picture = drawn.overlay(np.full((3, 3), 10, np.uint8), labels, {1: drawn.MISSED_COLOUR}, filled=False)
    assert picture.tolist() == [[10, drawn.SOLID + drawn.MISSED_COLOUR, 10]] * 3


def block(*, colour=False, ignore=None, shape=(4, 16, 16)):
    image = np.zeros((*shape, 3) if colour else shape, np.uint8)
    image[:, ::2] = 200
    mask = np.zeros(shape, np.uint8)
    mask[:, 2:8, 2:8] = 1
    facts = Facts((50.0, 5.0, 5.0), blocks={"test": ((30, 30 + shape[0]),)})
    unknown = {} if ignore is None else {"cell": ignore}
    return Volume(image, facts, {"cell": mask}, ignore=unknown)


def frames_of(volume, labels, shown=None):
    shown = shown or list(range(len(labels)))
    settings = {"structure": "cell", "title": "real", "panel_px": 64}
    return list(drawn.video_frames(volume, labels, shown, **settings))


def test_a_frame_shows_image_truth_and_result_side_by_side():
    volume = block()
    found = np.zeros((4, 16, 16), np.uint32)
    found[:, 2:8, 2:8] = 5
    (frame, *_) = frames_of(volume, found)
    assert frame.shape == (drawn.HEAD + 64 + drawn.FOOT, 3 * 64 + 2 * drawn.GAP)
    panels = frame[drawn.HEAD : drawn.HEAD + 64]
    image, truth, result = (panels[:, left : left + 64] for left in (0, 70, 140))
    np.testing.assert_array_equal(truth, result)  # the same instance, the same colour
    assert (image < drawn.GREYS).all() and (truth[8:32, 8:32] >= drawn.GREYS).all()
    np.testing.assert_array_equal(truth[32:], image[32:])


def test_an_extra_one_is_vermillion_and_a_missed_one_is_outlined():
    found = np.zeros((4, 16, 16), np.uint32)
    found[:, 10:14, 10:14] = 5
    result = frames_of(block(), found)[0][drawn.HEAD : drawn.HEAD + 64, 140:]
    assert result[40, 50] == drawn.SOLID + EXTRA and result[48, 48] // drawn.GREYS == EXTRA
    assert result[8, 20] == drawn.SOLID + drawn.MISSED_COLOUR and result[20, 20] < drawn.GREYS


def test_unknown_ground_is_hatched_and_nothing_is_found_there():
    ignore = np.zeros((4, 16, 16), np.uint8)
    ignore[:, 8:] = 1
    found = np.zeros((4, 16, 16), np.uint32)
    found[:, 10:14, 10:14] = 5
    panels = frames_of(block(ignore=ignore), found)[0][drawn.HEAD : drawn.HEAD + 64]
    np.testing.assert_array_equal(panels[32:, :64], panels[32:, 140:204])
    assert (panels[32:, :64] == drawn.WHITE - 4).any() and not (panels[:32, :64] == drawn.WHITE - 4).any()


def test_the_scale_bar_is_a_round_length():
    """16 pixels of 5 nm are 80 nm: 20 nm is the round length below 30 %, a quarter of the panel."""
    frame = frames_of(block(), np.zeros((4, 16, 16), np.uint32))[0]
    assert (frame[drawn.HEAD + 64 + 10, :64] == drawn.WHITE)[:16].all()
    assert frame[drawn.HEAD + 64 + 10, 16 : 16 + drawn.GAP].tolist() == [0] * drawn.GAP


def test_slices_are_told_apart_by_their_number():
    heads = {
        frame[: drawn.HEAD, :64].tobytes() for frame in frames_of(block(), np.zeros((4, 16, 16), np.uint32))
    }
    assert len(heads) == 4


@pytest.mark.parametrize("shape", [(1, 1, 40), (2, 40, 1), (1, 7, 5)])
def test_blocks_of_any_shape_give_frames_of_even_sides(shape):
    for frame in frames_of(block(shape=shape), np.ones(shape, np.uint32)):
        assert frame.dtype == np.uint8 and not any(side % 2 for side in frame.shape)


def test_colour_images_are_shown_in_grey():
    assert len(frames_of(block(colour=True), np.zeros((2, 16, 16), np.uint32), [0, 3])) == 2


def test_an_animated_png_holds_every_frame_exactly_and_repeats(tmp_path):
    path = tmp_path / "a.png"
    write_video(path, iter(NOISE), PALETTE, frames_per_second=8)
    with Image.open(path) as video:
        assert (video.format, video.mode, video.n_frames, video.info["loop"]) == ("PNG", "P", 5, 0)
        for number, frame in enumerate(NOISE):
            video.seek(number)
            assert video.info["duration"] == 125
            np.testing.assert_array_equal(np.asarray(video.convert("RGB")), PALETTE[frame])


def test_one_slice_is_a_still_picture(tmp_path):
    write_video(tmp_path / "a.png", NOISE[:1], PALETTE, frames_per_second=8)
    with Image.open(tmp_path / "a.png") as picture:
        assert getattr(picture, "n_frames", 1) == 1
        np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), PALETTE[NOISE[0]])


@pytest.mark.parametrize("suffix", ["png", "mp4"])
def test_the_same_frames_give_the_same_bytes(tmp_path, suffix):
    if suffix == "mp4" and not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    for name in "ab":
        write_video(tmp_path / f"{name}.{suffix}", NOISE, PALETTE, frames_per_second=8)
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffmpeg is not installed")
def test_an_mp4_has_all_frames_at_their_rate(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, NOISE, PALETTE, frames_per_second=8)
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(path)]
    (stream,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    assert (stream["width"], stream["height"], stream["nb_read_frames"]) == (30, 20, "5")
    assert stream["avg_frame_rate"] == "8/1" and stream["codec_name"] == "h264"


def test_mp4_without_ffmpeg_says_what_to_do_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SynthemError, match="CONFIG_VALUE video.format: .*no program ffmpeg") as error:
        write_video(tmp_path / "a.mp4", NOISE, PALETTE, frames_per_second=8)
    assert "video.format to png" in str(error.value) and not list(tmp_path.iterdir())


def test_the_words_of_a_failing_ffmpeg_are_passed_on(tmp_path, monkeypatch):
    program = tmp_path / "bin/ffmpeg"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho first >&2\necho Unknown encoder libx264 >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    with pytest.raises(SynthemError, match="CONFIG_VALUE .*Unknown encoder libx264"):
        write_video(tmp_path / "a.mp4", NOISE, PALETTE, frames_per_second=8)
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


def test_letters_stay_within_their_strip():
    strip = np.zeros((drawn.HEAD, 20), np.uint8)
    drawn.write(strip, "a name that is much too long")
    assert strip.max() == drawn.WHITE
    drawn.write(strip[:, :0], "no room")


def test_micrometres_have_a_letter():
    """A font without µ draws the box that it draws for every letter it lacks, such as U+FFFF."""
    letters = {}
    for text in ("µ", "\uffff", "m"):
        letters[text] = np.zeros((drawn.FOOT, 30), np.uint8)
        drawn.write(letters[text], text)
    assert not np.array_equal(letters["µ"], letters["\uffff"])
    heights = {text: np.flatnonzero(strip.any(axis=1)).size for text, strip in letters.items()}
    assert heights["m"] < heights["µ"] < 2 * heights["m"]  # as large as the letters beside it


def test_tiles_are_named_so():
    """Slices that lie one upon the other have sizes, too, where some are smaller than the others."""
    volume = block()
    names = {}
    for linked in (True, False):
        facts = replace(volume.facts, tiles=((16, 16),) * 34, linked=linked)
        names[linked] = name_of(replace(volume, facts=facts), 33)
    assert names == {True: "slice 33", False: "tile 33"} and name_of(volume, 33) == "slice 33"

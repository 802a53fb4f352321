import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.errors import SynthemError
from synthem.sources.opening import open_stack
from tests.shared.forged_images import forged_png
from tests.shared.whole_stacks import read_stack

STACK = np.random.default_rng(0).integers(0, 256, (6, 40, 30), dtype=np.uint8)


def error_of(source, **options):
    with pytest.raises(SynthemError) as caught:
        with open_stack(str(source), **options) as stack:
            for _ in stack.slabs():
                pass
    return caught.value


def png_folder(folder, stack=STACK, name="slice{}.png"):
    folder.mkdir(exist_ok=True)
    for z, plane in enumerate(stack):
        Image.fromarray(plane).save(folder / name.format(z))
    return folder


# What can be read


def test_a_folder_reads_in_natural_order_and_has_the_names(tmp_path):
    stack = np.arange(12, dtype=np.uint8)[:, None, None] * np.ones((1, 3, 2), np.uint8)
    folder = png_folder(tmp_path / "png", stack)
    for name in (".DS_Store", "Thumbs.db", "._slice0.png", "notes.txt"):
        (folder / name).write_text("not an image")
    with open_stack(str(folder)) as opened:
        assert opened.names == tuple(f"slice{z}.png" for z in range(12))
        assert opened.read(2, 11)[:, 0, 0].tolist() == list(range(2, 11))


def test_a_pattern_reads_what_fits_it(tmp_path):
    png_folder(tmp_path, STACK, "{}_raw.png")
    png_folder(tmp_path, STACK > 99, "{}_mask.png")
    np.testing.assert_array_equal(read_stack(f"{tmp_path}/*_raw.png"), STACK)
    with open_stack(f"{tmp_path}/**/*_mask.png") as stack:
        assert stack.levels == 2 and stack.names[0] == "0_mask.png"
    assert error_of(tmp_path / "*_tissue.png").found == "no PNG, TIFF or JPEG file fits this pattern"


def test_a_folder_of_tiff_slices_reads_too(tmp_path):
    for z, plane in enumerate(STACK):
        tifffile.imwrite(tmp_path / f"{z}.tif", plane, compression="zlib")
    np.testing.assert_array_equal(read_stack(str(tmp_path)), STACK)


def test_a_single_png_is_a_stack_of_one(tmp_path):
    Image.fromarray(STACK[0]).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.png")), STACK[:1])


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_colours_and_alpha_are_the_last_axis(tmp_path, channels):
    colour = np.random.default_rng(0).integers(0, 255, (5, 7, 9, channels), np.uint8)
    np.testing.assert_array_equal(read_stack(str(png_folder(tmp_path, colour))), colour)


def test_16_bit_slices_read(tmp_path):
    deep = STACK.astype(np.uint16) * 257
    np.testing.assert_array_equal(read_stack(str(png_folder(tmp_path, deep))), deep)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_slices_of_bits_come_as_0_and_1_and_have_two_levels(tmp_path, suffix):
    for z, plane in enumerate(STACK > 99):
        Image.fromarray(plane).save(tmp_path / f"{z}.{suffix}")
    with open_stack(str(tmp_path)) as stack:
        assert (stack.dtype, stack.levels) == (np.uint8, 2)
        np.testing.assert_array_equal(stack.read(0, 6), (STACK > 99).astype(np.uint8))


@pytest.mark.parametrize("grey", [0, 2])
def test_slices_of_bits_among_slices_of_bytes_count_as_0_and_255(tmp_path, grey):
    for z, plane in enumerate(STACK[:3]):
        Image.fromarray(plane if z == grey else plane > 99).save(tmp_path / f"{z}.png")
    with open_stack(str(tmp_path)) as stack:
        assert (stack.dtype, stack.levels) == (np.uint8, None)
        read = stack.read(0, 3)
    for z, plane in enumerate(STACK[:3]):
        np.testing.assert_array_equal(read[z], plane if z == grey else np.where(plane > 99, 255, 0))


def test_tiles_keep_their_own_sizes(tmp_path):
    sizes = ((40, 30), (20, 31), (7, 5))
    for number, (height, width) in zip((3, 7, 70), sizes, strict=True):
        Image.fromarray(np.full((height, width), number, np.uint8)).save(tmp_path / f"{number}.png")
    with open_stack(str(tmp_path), tiles=True) as stack:
        assert stack.shape == (3, 40, 31) and stack.shapes == sizes and stack.step == 1
        for (first, tile), size, number in zip(stack.slabs(), sizes, (3, 7, 70), strict=True):
            np.testing.assert_array_equal(tile, np.full((1, *size), number))
            np.testing.assert_array_equal(stack.read(first, first + 1), tile)
        with pytest.raises(IndexError):
            stack.read(0, 2)


def test_any_stack_can_be_read_as_tiles(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    with open_stack(str(tmp_path / "a.tif"), tiles=True) as stack:
        assert stack.shapes == ((40, 30),) * 6
        np.testing.assert_array_equal(stack.read(3, 4), STACK[3:4])


# What does not belong together


def test_slices_of_different_shape_or_type_are_told(tmp_path):
    folder = png_folder(tmp_path / "png")
    Image.fromarray(STACK[0, :, :9]).save(folder / "slice3.png")
    problem = error_of(folder)
    assert (problem.code, problem.where) == ("DATA_SHAPE", str(folder / "slice3.png"))
    assert (problem.found, problem.expected) == ("uint8 (40, 9)", "uint8 (40, 30) as in slice0.png")
    Image.fromarray(STACK[0].astype(np.uint16)).save(folder / "slice3.png")
    assert error_of(folder).found == "uint16 (40, 30)"
    assert error_of(folder, tiles=True).found == "uint16 (40, 30)"
    Image.fromarray(np.zeros((40, 30, 3), np.uint8)).save(folder / "slice3.png")
    assert error_of(folder, tiles=True).found == "uint8 (40, 30, 3)"


def test_pictures_that_are_no_stack_are_told_how_to_be_tiles(tmp_path):
    png_folder(tmp_path / "gaps", STACK[:3], "{}.png")
    (tmp_path / "gaps" / "1.png").rename(tmp_path / "gaps" / "7.png")
    png_folder(tmp_path / "sizes", [STACK[0], STACK[1][1:]])
    png_folder(tmp_path / "types", [STACK[0], STACK[1].astype(np.uint16)])
    png_folder(tmp_path / "colours", [STACK[0], np.stack([STACK[1]] * 3, axis=2)])
    fixes = [error_of(tmp_path / name).fix for name in ("gaps", "sizes", "types", "colours")]
    named = ["`tiles: true`" in fix and "TILES=yes" in fix for fix in fixes]
    assert named == [True, True, False, False]


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_bits_among_other_numbers_are_told(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "1.tif", STACK[0].astype(dtype))
    tifffile.imwrite(tmp_path / "2.tif", STACK[0] > 99)
    assert error_of(tmp_path).found == "bool (40, 30)"


@pytest.mark.parametrize(
    "names, found",
    [
        (["z1", "z2", "z4", "z5"], "no slice has the number 3"),
        (["z0", "z2", "z3", "z7"], "no slice has the number 1, 4, 5, 6"),
        (["z0", "z1", "z1000000000"], "no slice has the number 2, 3, 4, 5, 6 and more"),
        (["z2", "z4", "z8"], "no slice has the number 6"),
        (["z2", "z4", "z7"], "no slice has the number 6"),
        (["1", "01", "2"], "01.png and 1.png have one number"),
    ],
)
def test_missing_and_double_slice_numbers_are_named(tmp_path, names, found):
    for name in names:
        Image.fromarray(STACK[0]).save(tmp_path / f"{name}.png")
    problem = error_of(tmp_path)
    assert (problem.code, problem.found) == ("DATA_SHAPE", found)
    with open_stack(str(tmp_path), tiles=True) as stack:
        assert stack.shape[0] == len(names)


@pytest.mark.parametrize("names", [["z5", "z7", "z9"], ["a", "b", "c9"], ["3_z1", "5_z2", "6_z4"], ["7"]])
def test_equal_steps_and_names_without_one_number_are_no_problem(tmp_path, names):
    for name in names:
        Image.fromarray(STACK[0]).save(tmp_path / f"{name}.png")
    with open_stack(str(tmp_path)) as stack:
        assert stack.names == tuple(f"{name}.png" for name in names)


def test_a_folder_of_png_and_tiff_is_ambiguous(tmp_path):
    folder = png_folder(tmp_path / "png")
    tifffile.imwrite(folder / "slice0.tif", STACK[0])
    assert "PNG and TIFF mixed" in error_of(folder).found


def test_a_stack_among_slices_is_not_read_as_its_first_slice(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    problem = error_of(tmp_path)
    assert problem.found == "a stack of 6 slices" and "give the file itself" in problem.fix


def test_a_folder_without_slices_says_what_it_holds(tmp_path):
    assert error_of(tmp_path).found.endswith("it is empty")
    (tmp_path / "a.gif").touch()
    problem = error_of(tmp_path)
    assert problem.code == "DATA_MISSING" and problem.found.endswith("it holds 1 other, a.gif")
    (tmp_path / "b.gif").touch()
    assert error_of(tmp_path).found.endswith("it holds 2 others, such as a.gif")


# What is damaged or forged_png


def test_a_picture_with_a_wrong_name_is_not_handed_to_another_decoder(tmp_path):
    Image.fromarray(STACK[0]).save(tmp_path / "a.png", format="BMP")
    assert "cannot identify image file" in error_of(tmp_path / "a.png").found
    (tmp_path / "a.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n")
    assert error_of(tmp_path / "a.png").code == "DATA_FORMAT"


def test_palettes_deep_colours_and_animations_are_refused_with_what_helps(tmp_path):
    Image.fromarray(STACK[0]).convert("P").save(tmp_path / "a.png")
    problem = error_of(tmp_path / "a.png")
    assert (problem.found, problem.fix) == (
        "a palette image: its numbers are places of colours",
        "save it in grey",
    )
    assert (problem.code, problem.expected) == (
        "DATA_FORMAT",
        "one picture with grey values, or with 8 bits a colour",
    )
    (tmp_path / "a.png").write_bytes(forged_png(2, 2, bits=16, kind=2, body=bytes(2 * 13)))
    problem = error_of(tmp_path / "a.png")
    assert (problem.found, problem.fix) == ("16 bits a colour", "save it with 8 bits, or in grey")
    pictures = [Image.fromarray(plane) for plane in STACK[:3]]
    pictures[0].save(tmp_path / "a.png", save_all=True, append_images=pictures[1:])
    problem = error_of(tmp_path / "a.png")
    assert (problem.found, problem.fix) == ("3 pictures in one file", "save each in a file of its own")


@pytest.mark.parametrize(
    "size, code",
    [
        ((10**6, 10**6), "DATA_TOO_LARGE"),
        ((30_000, 30_000), "DATA_TOO_LARGE"),
        ((20_000, 20_000), "DATA_FORMAT"),
    ],
)
def test_a_forged_size_is_refused_from_the_header(tmp_path, size, code):
    (tmp_path / "a.png").write_bytes(forged_png(*size))
    problem = error_of(tmp_path / "a.png")
    assert problem.code == code and problem.where == str(tmp_path / "a.png")


# JPEG


def jpeg_folder(folder, stack, **options):
    folder.mkdir()
    for z, plane in enumerate(stack):
        Image.fromarray(plane).save(folder / f"{z}.jpg", **options)
    return folder


def smooth(*colours):
    ramp = np.linspace(0, 255, 40, dtype=np.uint8)
    return np.broadcast_to(ramp.reshape(1, 40, 1, *[1] * len(colours)), (3, 40, 30, *colours)).copy()


@pytest.mark.parametrize("colours", [(), (3,)])
def test_jpeg_slices_read_nearly_as_they_were_and_are_known_to_be_lossy(tmp_path, colours):
    stack = smooth(*colours)
    folder = jpeg_folder(tmp_path / "jpeg", stack, quality=95)
    with open_stack(str(folder)) as opened:
        assert opened.lossy and opened.shape == stack.shape and opened.dtype == np.uint8
    assert np.abs(read_stack(str(folder)).astype(int) - stack).max() < 6
    with open_stack(str(png_folder(tmp_path / "png"))) as opened:
        assert not opened.lossy


def test_a_single_jpeg_is_a_stack_of_one(tmp_path):
    Image.fromarray(smooth()[0]).save(tmp_path / "a.JPEG")
    assert read_stack(str(tmp_path / "a.JPEG")).shape == (1, 40, 30)


def test_jpeg_previews_beside_other_slices_are_left_out(tmp_path):
    folder = jpeg_folder(tmp_path / "both", smooth())
    np.testing.assert_array_equal(read_stack(str(png_folder(folder))), STACK)


def test_jpeg_files_in_colours_of_printers_are_refused(tmp_path):
    Image.new("CMYK", (30, 40)).save(tmp_path / "a.jpg")
    problem = error_of(tmp_path / "a.jpg")
    assert problem.code == "DATA_FORMAT" and "colours of the kind CMYK" in problem.found


def test_other_pictures_under_the_name_of_a_jpeg_are_not_opened(tmp_path):
    Image.fromarray(STACK[0]).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert error_of(tmp_path / "a.jpg").code == "DATA_FORMAT"


def test_a_jpeg_that_ends_early_is_refused(tmp_path):
    folder = jpeg_folder(tmp_path / "jpeg", smooth())
    whole = (folder / "1.jpg").read_bytes()
    (folder / "1.jpg").write_bytes(whole[: len(whole) // 2])
    assert error_of(folder).code == "DATA_FORMAT"

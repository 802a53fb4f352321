import os
import subprocess
import sys

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.errors import SynthemError
from synthem.sources.opening import open_stack
from synthem.sources.stack import planes_at_once
from tests.shared.forged_images import forged_png, forged_tiff
from tests.shared.project import PROJECT, PUBLIC_DATA
from tests.shared.whole_stacks import error_of, read_header, read_stack

STACK = np.random.default_rng(0).integers(0, 256, (6, 40, 30), dtype=np.uint8)
needs_data = pytest.mark.skipif(not PUBLIC_DATA.is_dir(), reason="the public data sets are not here")


# The stack


@pytest.mark.parametrize("first, end", [(-1, 2), (3, 3), (4, 2), (5, 7), (6, 7)])
def test_slices_that_there_are_not_are_a_fault_of_the_caller(tmp_path, first, end):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    with open_stack(str(tmp_path / "a.tif")) as stack, pytest.raises(IndexError):
        stack.read(first, end)


@pytest.mark.parametrize("depth, mib, step", [(4, 1, 4), (64, 16, 8), (64, 600, 1), (1, 1, 1)])
def test_planes_are_read_together_as_deep_as_chunks_are_but_in_128_mib_at_most(depth, mib, step):
    assert planes_at_once(depth, mib * 2**20) == step


def test_an_error_of_the_caller_stays_as_it_is(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    with pytest.raises(ZeroDivisionError), open_stack(str(tmp_path / "a.tif")):
        _ = 1 / 0


def test_opening_decodes_nothing_and_what_is_decoded_must_be_what_was_announced(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", STACK, compression="zlib", metadata=None)
    decode = tifffile.TiffPage.asarray
    monkeypatch.setattr(tifffile.TiffPage, "asarray", lambda page: decode(page)[:9])
    with open_stack(str(tmp_path / "a.tif")) as stack:
        with pytest.raises(SynthemError) as caught:
            stack.read(0, 1)
    assert caught.value.code == "DATA_FORMAT"


def test_a_stack_above_the_limit_is_refused_with_its_size(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    monkeypatch.setattr("synthem.sources.errors.LARGEST_BYTES", 2**12)
    problem = error_of(tmp_path / "a.tif")
    assert (problem.code, problem.found) == ("DATA_TOO_LARGE", "the header announces 0.0 GiB")


def test_the_header_and_the_whole_stack_are_what_the_open_one_says(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    assert read_header(str(tmp_path / "a.tif")).shape == STACK.shape
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK)


# Names


@pytest.mark.parametrize(
    "name", ["a b.tif", 'it\'s "x".tif', "a\nb.tif", "$(touch hacked).tif", "-rf.tif", "ä☃.tif", "[a]*?.tif"]
)
def test_a_file_may_have_any_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite(tmp_path / name, STACK)
    np.testing.assert_array_equal(read_stack(name), STACK)
    assert os.listdir() == [name]


def test_a_missing_file_is_told(tmp_path):
    for name in ("a.tif", "a.h5:x", "a.zarr", "a" * 300, "a\0b", "a/b.png"):
        problem = error_of(f"{tmp_path}/{name}")
        assert (problem.code, problem.found) == ("DATA_MISSING", "no such file or folder")


@pytest.mark.parametrize(
    "path, fix",
    [
        (r"C:\Users\me\a.tif", "write it as this system does; in WSL: /mnt/c/Users/me/a.tif"),
        (r"data\a.tif", "write / between folders"),
        (
            "data\temp.tif",
            "write paths with /, or in single quotes: in double quotes YAML reads \\t as a tab",
        ),
        ("$HOME/a.tif", "write the folder out, or `~` for your home: variables are not filled in"),
        ("%USERPROFILE%/a.tif", "variables are not filled in"),
        ("data/a.tif", "correct the path"),
    ],
)
def test_an_odd_path_that_does_not_exist_is_told_how_to_write_it(path, fix):
    assert error_of(path).fix.endswith(fix)


def test_a_path_that_the_shell_cut_at_a_space_is_to_be_quoted(tmp_path):
    (tmp_path / "VNC stack.tif").touch()
    assert (
        error_of(tmp_path / "VNC").fix == f"put it in quotes, for it has spaces: '{tmp_path}/VNC stack.tif'"
    )
    (tmp_path / "VNC mask.tif").touch()  # which of the two is nobody's guess
    assert "quotes" not in error_of(tmp_path / "VNC").fix


@pytest.mark.parametrize(
    "name, meant",
    [
        ("Größe 1/mask.tiff", "Größe 1/mask.tif"),
        ("Größe 1/Mask.tif", "Größe 1/mask.tif"),
        ("Groesse 1/mask.tif", "Größe 1/mask.tif"),
        ("Größe 1/mask.tif ", "Größe 1/mask.tif"),
    ],
)
def test_a_misspelt_path_is_told_what_lies_there(tmp_path, name, meant):
    (tmp_path / "Größe 1").mkdir()
    (tmp_path / "Größe 1/mask.tif").touch()
    assert error_of(tmp_path / name).fix == f"did you mean `{tmp_path / meant}`"


@pytest.mark.parametrize("name", ["a.gif", "a.npy", "a", "a.nrrd", "a.czi"])
def test_another_kind_of_file_is_told_what_is_read(tmp_path, name):
    (tmp_path / name).write_bytes(b"x" * 100)
    problem = error_of(tmp_path / name)
    assert problem.code == "DATA_FORMAT" and "a TIFF, MRC or NIfTI file" in problem.expected


def test_folders_with_the_names_of_files_are_told(tmp_path):
    for name in ("a.h5", "a.tif", "a.png"):
        (tmp_path / name).mkdir()
        assert error_of(tmp_path / name).code == "DATA_MISSING"
    assert error_of(f"{tmp_path}/a.h5:raw").found == "a folder where a file should be"
    Image.fromarray(STACK[0]).save(tmp_path / "a.tif" / "1.png")
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK[:1])


def test_pipes_folders_and_loops_are_told_and_do_not_hang(tmp_path):
    for name in ("pipe.tif", "pipe.png", "pipe.h5", "pipe.zarr"):
        os.mkfifo(tmp_path / name)
        assert error_of(tmp_path / name).found == "neither a file nor a folder"
    for name, target in (("loop.tif", "loop.tif"), ("dangling.tif", "none")):
        (tmp_path / name).symlink_to(tmp_path / target)
        assert error_of(tmp_path / name).found == "no such file or folder"
    (tmp_path / "png").mkdir()
    Image.fromarray(STACK[0]).save(tmp_path / "png" / "1.png")
    (tmp_path / "png" / "2.png").mkdir()
    assert error_of(tmp_path / "png").found == "a folder where a file should be"
    (tmp_path / "png" / "2.png").rmdir()
    os.mkfifo(tmp_path / "png" / "2.png")
    assert error_of(tmp_path / "png").code == "DATA_MISSING"
    (tmp_path / "png" / "2.png").unlink()
    (tmp_path / "png" / "2.png").symlink_to("none")
    assert error_of(tmp_path / "png").code == "DATA_MISSING"


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.h5"])
def test_an_empty_file_a_text_and_a_locked_file_are_told(tmp_path, name):
    (tmp_path / name).touch()
    assert (error_of(tmp_path / name).code, error_of(tmp_path / name).found) == (
        "DATA_FORMAT",
        "not readable: 0 bytes",
    )
    (tmp_path / name).write_text("z,y,x\n1,2,3\n" * 99)
    assert error_of(tmp_path / name).code == "DATA_FORMAT"
    (tmp_path / name).chmod(0)
    if os.access(tmp_path / name, os.R_OK):
        pytest.skip("root may read anything")
    assert error_of(tmp_path / name).code == "DATA_FORMAT"


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.9])
def test_truncated_png_and_hdf5_files_are_told(tmp_path, part):
    Image.fromarray(STACK[0]).save(tmp_path / "a.png")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = STACK
    for name in ("a.png", "a.h5"):
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: int(len(data) * part) + 1])
        assert error_of(tmp_path / name).code == "DATA_FORMAT"


# What is large


def test_no_bomb_takes_memory(tmp_path):
    """The tests of each reader forge files; here the same kinds meet a limit of memory, in a process."""
    sizes = [(10**6, 10**6), (30_000, 30_000), (20_000, 20_000), (200_000, 2000)]
    for number, size in enumerate(sizes):
        (tmp_path / f"{number}.png").write_bytes(forged_png(*size))
        for packing in (1, 5, 8):
            forged = forged_tiff(*size, compression=packing)
            (tmp_path / f"{number}-{packing}.tif").write_bytes(forged)
        tiled = forged_tiff(*size, compression=8, tile=16)
        (tmp_path / f"{number}-tile.tif").write_bytes(tiled)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, shape in (("x", (10**3, 20_000, 20_000)), ("y", (10**6, 10**6, 10**6))):
            file.create_dataset(name, shape, "u1", chunks=(1, 100, 100), compression="gzip")[0, 0, 0] = 1
    program = f"""
import resource, sys; sys.path[:0] = {[str(PROJECT / "workflow_scripts"), str(PROJECT / "tests/library")]!r}
from synthem.errors import SynthemError
from tests.shared.whole_stacks import error_of, read_stack
def peak_kb():  # of this program alone: ru_maxrss begins with the memory of the one that started it
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
for name in sys.argv[1:]:
    try:
        print("read", read_stack(name).shape)
    except SynthemError as error:
        print(error.code)
print(peak_kb() // 1024)
"""
    names = [str(file) for file in sorted(tmp_path.glob("*.[pt]*"))]
    names += [f"{tmp_path}/a.h5:x", f"{tmp_path}/a.h5:y"]
    command = [sys.executable, "-c", program, *names]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    *outcomes, peak = run.stdout.split()
    assert len(outcomes) == len(names) == 22
    assert set(outcomes) == {"DATA_TOO_LARGE", "DATA_FORMAT"}
    assert int(peak) < 300  # MiB


# Real data


@needs_data
@pytest.mark.parametrize(
    "source, shape, values",
    [
        ("lucchi/training.tif", (165, 768, 1024), None),
        ("lucchi/training_groundtruth.tif", (165, 768, 1024), {0, 255}),
        ("vnc/stack1/mitochondria", (20, 1024, 1024), None),
        ("vnc/stack1/labels", (20, 1024, 1024), None),
        ("vnc/stack1/raw", (20, 1024, 1024), None),
        ("vnc/stack1/raw/*.tif", (20, 1024, 1024), None),
        ("isbi2012/train-neurites.tif", (30, 512, 512), None),
    ],
)
def test_public_data_sets_open(source, shape, values):
    with open_stack(str(PUBLIC_DATA / source)) as stack:
        assert (stack.shape, stack.dtype) == (shape, np.uint8)
        assert stack.names is None or len(stack.names) == shape[0]
        for z in range(0, shape[0], 10):
            found = np.unique(stack.read(z, z + 1))
            assert len(found) > 1 and (values is None or set(found.tolist()) <= values)


@needs_data
def test_histology_tiles_open(tmp_path):
    with open_stack(str(PUBLIC_DATA / "pathology" / "images"), tiles=True) as images:
        with open_stack(str(PUBLIC_DATA / "pathology" / "masks"), tiles=True) as masks:
            assert images.names == masks.names and images.shapes == masks.shapes
            for z, (height, width) in enumerate(images.shapes):
                assert images.read(z, z + 1).shape == (1, height, width, 3)
                assert masks.read(z, z + 1).shape == (1, height, width)

"""Every writer meets a disk that is really full: one error that names the place, and what was whole stays."""

import hashlib
import http.server
import os
import random
import shutil
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from synthem.errors import SynthemError, full_disk
from synthem.exports.formats import FORMATS, export
from synthem.exports.segmented import open_segmentation
from synthem.figures.frames import palette
from synthem.figures.sheets import png, sheet
from synthem.figures.video import write_video
from synthem.log import logged_to, say
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network, save_network
from synthem.phantoms.kinds import make_phantom
from synthem.phantoms.writing import write_phantom
from synthem.public.archives import unpack
from synthem.public.downloads import fetch
from synthem.storage.arrays import write_arrays, writing_arrays
from synthem.storage.files import (
    check_folder,
    write_bytes,
    write_history,
    write_json,
    write_table,
    write_text,
)
from synthem.storage.scratch import scratch
from synthem.storage.volumes import open_volume, write_volume
from synthem.training.checkpoints import Checkpoints
from synthem.training.outputs import write_trained
from synthem.training.tensorboard import Curves
from tests.shared.exported_volumes import make_volume
from tests.shared.small_disk import fill, small_disk

SHAPE = (6, 120, 130)
BLOCKS = {"train": ((0, 2),), "validation": ((2, 3),), "test": ((3, 6),)}
VOLUME = make_volume(SHAPE, blocks=BLOCKS)
_, y, x = np.indices(SHAPE)
VOLUME.labels["cells"][:] = y // 20 * 5 + x // 26 + 1  # some, of which meshes are soon made
NOISE = np.random.default_rng(0).integers(0, 255, (4, 150, 200), dtype=np.uint8)
PHANTOM = make_phantom(kind="larva", shape=(4, 96, 96), seed=0)
OPTIONS = {"pairs": {"size": None}, "nnunet": {"dataset": 1, "name": "v", "structure": "mito"}}
ROWS = [{"arm": "real", "score": n / 7} for n in range(5000)]


def unet():
    shape = {"in_channels": 1, "out_channels": 1, "base_width": 8, "depth": 2}
    return build_network(SEGMENTERS, "unet", seed=0, **shape)


def export_volume(format, place, beside):
    write_volume(beside / "volume.h5", VOLUME)
    with open_volume(beside / "volume.h5") as stored:
        export(place, stored, format=format, options=OPTIONS.get(format, {}))


def export_segmentation(place, beside):
    write_volume(beside / "volume.h5", VOLUME)
    found = {"mask": VOLUME.masks["mito"][3:], "labels": VOLUME.labels["cells"][3:]}
    write_arrays(beside / "segmentation.h5", found, {})
    with open_segmentation(
        beside / "segmentation.h5", volume=beside / "volume.h5", structure="mito"
    ) as block:
        export(place, block, format="napari", options={})


def write_planes(place, beside):
    """As a prediction is written: slice by slice."""
    with writing_arrays(place, {"test": ((8, 150, 200), np.uint8)}, {}) as put:
        for z in range(8):
            put("test", z, NOISE[z % 4][None])


def write_figure(place, beside):
    figure, axes = sheet(1, 1, aspect=1)
    axes[0, 0].imshow(NOISE[0])
    write_bytes(place, png(figure))


def write_checkpoint(place, beside):
    Checkpoints(place, "fingerprint").save([{"loss": 1.0}], {"net": unet()})


def write_training(place, beside):
    names = {name: place / name for name in ("network", "history", "provenance")}
    write_trained(names, unet(), [{"loss": 0.5}], rule="r", settings={}, seed=1, code="c", inputs=[])


def make_scratch(place, beside):
    place.mkdir(exist_ok=True)
    scratch(place, in_memory=0)((1000, 1000), np.uint8)


def unpack_archive(place, beside):
    with zipfile.ZipFile(beside / "a.zip", "w") as packed:
        packed.writestr("images/0.tif", NOISE.tobytes())
    unpack(beside / "a.zip", place, inside="")


def download(place, beside):
    (beside / "data.bin").write_bytes(random.Random(0).randbytes(300_000))
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=beside)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sha256 = hashlib.sha256((beside / "data.bin").read_bytes()).hexdigest()
        place.parent.mkdir(exist_ok=True)
        try:
            fetch(f"http://127.0.0.1:{server.server_port}/data.bin", place, sha256=sha256)
        finally:
            server.shutdown()


FILES = {
    "bytes": lambda place, _: write_bytes(place, bytes(200_000)),
    "text, as the report page": lambda place, _: write_text(place, "<p>" * 50_000),
    "JSON, as provenance": lambda place, _: write_json(place, {"key": list(range(20_000))}),
    "table": lambda place, _: write_table(place, ROWS, ["arm", "score"]),
    "history": lambda place, _: write_history(place, [{"loss": 1 / 7, "dice": 0.1}] * 5000),
    "arrays": lambda place, _: write_arrays(place, {"image": NOISE, "labels/a": NOISE}, {"a": 1}),
    "arrays by slices": write_planes,
    "volume": lambda place, _: write_volume(place, VOLUME),
    "network": lambda place, _: save_network(place, unet()),
    "figure": write_figure,
    "video.png": lambda place, _: write_video(
        place.with_suffix(".png"), NOISE, palette(), frames_per_second=2
    ),
    "video.mp4": lambda place, _: write_video(
        place.with_suffix(".mp4"), NOISE, palette(), frames_per_second=2
    ),
    "download": download,
}
FOLDERS = {
    **{f"export as {format}": partial(export_volume, format) for format in FORMATS},
    "export of a segmentation": export_segmentation,
    "phantom": lambda place, _: write_phantom(place, PHANTOM),
}
OTHERS = {
    "checkpoint": write_checkpoint,
    "trained network": write_training,
    "unpacked archive": unpack_archive,
    "scratch": make_scratch,
}
NOT_EVERYWHERE = {"export as zarr": "zarr", "download": "pooch"}


def size_of(path):
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())


def contents(folder):
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", [*FILES, *FOLDERS, *OTHERS])
def test_a_full_disk_is_a_write_error_that_says_where_and_leaves_what_was_whole(tmp_path, name, monkeypatch):
    if name in NOT_EVERYWHERE:
        pytest.importorskip(NOT_EVERYWHERE[name])
    if name.endswith("mp4") and not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg here")
    write = (FILES | FOLDERS | OTHERS)[name]
    beside = tmp_path / "beside"
    beside.mkdir()
    (tmp_path / "whole").mkdir()
    write(tmp_path / "whole" / "result", beside)  # on a disk with room: how large is it?
    size = size_of(tmp_path / "whole") if name != "scratch" else 1_000_000
    for number, share in enumerate((0, 0.3, 0.6, 0.9)):
        with small_disk(tmp_path / f"disk{number}", "8m") as disk:
            if name in FOLDERS:
                write_old_folder(disk / "result")
            elif name in FILES and name != "download":
                (disk / "result").write_text("old")
            fill(disk, leave=int(share * size))
            before = contents(disk)
            if number % 2:  # as in the workflow, whose paths are relative
                monkeypatch.chdir(disk)
                place = Path("result")
            else:
                place = disk / "result"
            with pytest.raises(SynthemError) as caught:
                write(place, beside)
            monkeypatch.chdir(tmp_path)
            assert caught.value.code == "FILE_WRITE" and caught.value.where.startswith(str(place))
            assert f"the disk {disk} is full" in caught.value.found, caught.value
            assert "delete" not in caught.value.fix
            left = {file: data for file, data in contents(disk).items() if not file.endswith("result.part")}
            assert left.items() >= before.items()
            if name != "trained network":  # which is three files
                assert left == before


def test_curves_end_with_a_warning_and_the_training_goes_on(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    said = []
    monkeypatch.setattr("synthem.training.tensorboard.say", said.append)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)  # TensorBoard's thread dies of it
    with small_disk(tmp_path / "disk") as disk, closing(Curves(disk / "run", wanted=True)) as curves:
        fill(disk, leave=0)
        for done in (50, 100, 150):
            curves.add([{"loss": 1.0}] * 50, done)
    assert len(said) == 1 and f"ERROR FILE_WRITE {disk / 'run'}: the disk {disk} is full" in said[0]


def test_lines_that_the_log_cannot_take_go_to_the_output(tmp_path, capsys):
    with small_disk(tmp_path / "disk") as disk, logged_to(disk / "x.log"):
        fill(disk, leave=0)
        for number in range(3):
            say(f"line {number}")
    assert [line[9:] for line in capsys.readouterr().err.splitlines()] == ["line 0", "line 1", "line 2"]


def test_a_start_needs_a_little_room(tmp_path):
    with small_disk(tmp_path / "disk", "4m") as disk:
        check_folder(disk / "results")
        assert full_disk(disk / "x.log") is None
        fill(disk, leave=0)
        with pytest.raises(SynthemError, match=f"FILE_WRITE .*/results: the disk {disk} is full"):
            check_folder(disk / "results")
        assert full_disk(disk / "x.log").code == "FILE_WRITE"
        assert os.listdir(disk) == ["other-data"]


def test_no_room_for_another_file_is_said_of_the_files(tmp_path):
    with small_disk(tmp_path / "disk", options=",nr_inodes=3") as disk:
        for name in "ab":
            (disk / name).touch()
        with pytest.raises(SynthemError, match=f"FILE_WRITE .*: the disk {disk} can hold no more files"):
            write_bytes(disk / "c", b"data")


def test_a_disk_that_can_only_be_read_says_so(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for write in (write_bytes, lambda path, _: write_volume(path, VOLUME)):
            with pytest.raises(SynthemError, match="FILE_WRITE .*: that disk can only be read"):
                write(disk / "new" / "file", b"data")


def test_a_result_that_may_only_be_read_is_replaced_all_the_same(tmp_path):
    write_bytes(tmp_path / "a", b"old")
    (tmp_path / "a").chmod(0o444)
    write_bytes(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_limit_on_files_says_what_is_limited(tmp_path):
    program = """
import resource, sys
sys.path[:0] = sys.argv[2:]
from synthem.errors import full_disk
from synthem.storage.files import check_folder, write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
write_bytes(sys.argv[1], bytes(20_000))
"""
    command = [sys.executable, "-c", program, tmp_path / "a.bin", *sys.path]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert "ERROR FILE_WRITE" in ran.stderr and "File too large" in ran.stderr and "ulimit -f" in ran.stderr
    assert os.listdir(tmp_path) == []


def write_old_folder(folder):
    folder.mkdir()
    (folder / "old").write_text("old")

"""Whole stacks, predicted by one network or several, by one job or several, and by jobs that were killed."""

import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
import torch
from torch import nn

from synthem.compute.allocation import ENVIRONMENT
from synthem.errors import SynthemError
from synthem.inference import applying
from synthem.inference.applying import (
    make_room,
    name_of,
    predict_stack,
    refuse_no_network,
    refuse_other_colours,
)
from synthem.inference.parts import gather_parts
from synthem.storage.arrays import as_stored
from synthem.storage.volumes import Facts, Volume, write_volume
from tests.shared.project import PROJECT
from tests.shared.segmenters import Lopsided, predict, segmenter, unet3d

DEPTH = 20
FOLDERS = [str(PROJECT), str(PROJECT / "workflow_scripts")]


class Sure(nn.Module):
    """A network that says the same of every pixel, and notes the sizes that it was shown."""

    multiple, greys = 1, "standardised"
    seen = set()  # of all copies of such networks: one in use is a copy

    def __init__(self, logit, outputs=1):
        super().__init__()
        self.built_as = {"arguments": {"in_channels": 1, "out_channels": outputs}}
        self.logit, self.outputs = logit, outputs

    def forward(self, x):
        self.seen.add(tuple(x.shape[-2:]))
        return torch.full((len(x), self.outputs, *x.shape[2:]), self.logit)


@pytest.fixture
def stack(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (DEPTH, 16, 30), dtype=np.uint8)
    facts = Facts(voxel_size_nm=(40.0, 10.0, 10.0), blocks={"test": ((0, DEPTH),)})
    write_volume(tmp_path / "volume.h5", Volume(image, facts))
    return image


def applied(folder, *nets, name="probability", learnt_nm=None, settings=None, **share):
    path = folder / f"{name}.h5"
    ours = [segmenter(net, **settings or {}) for net in nets]
    predict_stack(path, folder / "volume.h5", ours, learnt_nm=learnt_nm, pieces=folder / "pieces", **share)
    with h5py.File(path) as file:
        return {array: stored[...] for array, stored in file.items()}


def test_every_slice_is_predicted_and_nothing_else_is_left(tmp_path, stack):
    net = Lopsided()
    found = applied(tmp_path, net)
    assert list(found) == ["test"]
    assert (found["test"] == as_stored(predict(net, [stack]))).all()
    assert not list((tmp_path / "pieces").iterdir())


def test_a_network_in_3d_sees_across_the_ends_of_pieces(tmp_path, stack):
    settings = {"tile_slices": 4, "halo_slices": 4}
    found = applied(tmp_path, unet3d(), settings=settings)
    assert (found["test"] == as_stored(predict(unet3d(), [stack], **settings))).all()


def test_networks_of_two_minds_say_half_and_disagree_fully(tmp_path, stack):
    found = applied(tmp_path, Sure(50.0), Sure(-50.0))
    assert (found["test"] == 128).all() and (found["disagreement"] == 255).all()
    alike = applied(tmp_path, Sure(50.0), Sure(50.0), name="alike")
    assert (alike["test"] == 255).all() and not alike["disagreement"].any()


def test_one_of_four_against_the_others(tmp_path, stack):
    # Probabilities 1, 0, 0, 0: mean 1/4, variance 3/16, twice the deviation 0.866.
    found = applied(tmp_path, Sure(50.0), *(Sure(-50.0) for _ in range(3)))
    assert (found["test"] == 64).all() and (found["disagreement"] == round(255 * 0.8660254)).all()


def test_disagreement_about_affinities_is_the_mean_of_theirs(tmp_path, stack):
    found = applied(tmp_path, Sure(50.0, outputs=3), Sure(-50.0, outputs=3))
    assert found["test"].shape == (*stack.shape, 3)
    assert found["disagreement"].shape == stack.shape and (found["disagreement"] == 255).all()


@pytest.mark.parametrize("parts", [2, 3, 25])
def test_jobs_that_share_a_stack_write_the_bytes_of_one(tmp_path, stack, parts):
    nets = Lopsided(), Sure(0.3)
    applied(tmp_path, *nets, name="alone")
    for part in range(1, parts + 1):
        applied(tmp_path, *nets, name=f"part-{part}", part=part, parts=parts)
    gather_parts(tmp_path / "all.h5", [tmp_path / f"part-{part}.h5" for part in range(1, parts + 1)])
    assert (tmp_path / "all.h5").read_bytes() == (tmp_path / "alone.h5").read_bytes()


def test_pieces_that_another_number_of_parts_left_go_and_those_of_other_parts_stay(tmp_path, stack):
    # 20 slices in 2 parts are 0-9 and 10-19; alone they are pieces of 0-7, 8-15, 16-19.
    pieces = tmp_path / "pieces"
    pieces.mkdir()
    for name in ("000000-000008", "000008-000016", "000010-000018", "000016-000020"):
        (pieces / f"{name}.h5").write_bytes(b"left by a killed job")
    (pieces / "000000-000008.h5").unlink()  # the first of both numbers is the same piece: it would be used
    applied(tmp_path, Lopsided(), part=1, parts=2)
    assert sorted(file.stem for file in pieces.iterdir()) == ["000010-000018", "000016-000020"]
    (pieces / "000010-000018.h5").unlink()
    applied(tmp_path, Lopsided(), part=2, parts=2)
    assert not list(pieces.iterdir())


def test_resampled_slices_have_the_pixels_that_were_learnt_and_the_result_those_of_the_stack(tmp_path, stack):
    net = Sure(50.0)
    net.seen.clear()
    found = applied(tmp_path, net, learnt_nm=(40.0, 5.0, 20.0))  # twice as many rows, half as many columns
    assert net.seen == {(32, 15)}
    assert found["test"].shape == stack.shape and (found["test"] == 255).all()


def test_an_edge_stays_where_it_is_when_slices_are_resampled(tmp_path):
    image = np.zeros((2, 16, 32), np.uint8)
    image[:, :, 16:] = 200
    facts = Facts(voxel_size_nm=(40.0, 10.0, 10.0), blocks={"test": ((0, 2),)})
    write_volume(tmp_path / "volume.h5", Volume(image, facts))
    net = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.constant_(net.weight, 10.0)
    net.multiple, net.greys, net.built_as = 1, "standardised", Sure(0).built_as
    found = applied(tmp_path, net, learnt_nm=(40.0, 4.0, 4.0))["test"]
    assert (found[:, :, :15] < 5).all() and (found[:, :, 17:] > 250).all()


def test_pieces_of_a_stack_whose_voxels_were_corrected_belong_to_another_prediction(tmp_path, stack):
    (tmp_path / "network.pt").write_bytes(b"weights")
    same = {"code": "a", "networks": [str(tmp_path / "network.pt")]}
    before = name_of(tmp_path / "volume.h5", [{"turns": 1}], **same)
    assert name_of(tmp_path / "volume.h5", [{"turns": 1}], **same) == before
    facts = Facts(voxel_size_nm=(40.0, 5.0, 5.0), blocks={"test": ((0, DEPTH),)})
    write_volume(tmp_path / "volume.h5", Volume(stack, facts))
    assert name_of(tmp_path / "volume.h5", [{"turns": 1}], **same) != before
    write_volume(tmp_path / "volume.h5", Volume(stack + 1, facts))  # as of another array of the same file
    assert name_of(tmp_path / "volume.h5", [{"turns": 1}], **same) != before


def test_what_other_settings_left_goes(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    assert make_room(tmp_path, "new") == tmp_path / "new"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_colours_and_networks_of_grey_slices_are_refused(tmp_path):
    colours = np.zeros((2, 8, 8, 3), np.uint8)
    facts = Facts(voxel_size_nm=(40.0, 10.0, 10.0), blocks={"test": ((0, 2),)})
    write_volume(tmp_path / "volume.h5", Volume(colours, facts))
    with pytest.raises(SynthemError, match="slices of 3 channels, while the network has learnt on 1"):
        refuse_other_colours(tmp_path / "volume.h5", Sure(0))


def test_an_arm_without_networks_is_refused():
    with pytest.raises(SynthemError, match="no replicate of `mixed` has a network"):
        refuse_no_network([], arm="mixed")
    refuse_no_network(["network.pt"], arm="mixed")


SLOW = """
import sys, time
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from tests.shared.segmenters import Lopsided, segmenter
from synthem.inference.applying import predict_stack

class Slow(Lopsided):
    def forward(self, x):
        with open("calls", "a") as calls:
            calls.write(".")
        time.sleep(float(sys.argv[3]))
        return super().forward(x)

predict_stack("probability.h5", "volume.h5", [segmenter(Slow())], learnt_nm=None, pieces=Path("pieces"))
"""


def test_a_killed_job_goes_on_behind_its_last_piece(tmp_path, stack):
    command = [sys.executable, "-c", SLOW, *FOLDERS]
    killed = subprocess.Popen([*command, "0.2"], cwd=tmp_path)
    while not list((tmp_path / "pieces").glob("*.h5")):
        assert killed.poll() is None
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (tmp_path / "probability.h5").exists()
    finished = len(list((tmp_path / "pieces").glob("*.h5")))
    assert 0 < finished * applying.PIECE < DEPTH
    (tmp_path / "calls").unlink()
    subprocess.run([*command, "0"], cwd=tmp_path, check=True)
    assert len((tmp_path / "calls").read_text()) == DEPTH - finished * applying.PIECE
    resumed = (tmp_path / "probability.h5").read_bytes()
    applied(tmp_path, Lopsided(), name="undisturbed")
    assert resumed == (tmp_path / "undisturbed.h5").read_bytes()


MEMORY = """
import sys
sys.path[:0] = sys.argv[1:]
from pathlib import Path
import torch
from tests.shared.segmenters import Lopsided, segmenter
from synthem.compute.allocation import keep_freed_memory
from synthem.inference.applying import predict_stack

def megabytes(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024

torch.set_num_threads(1)
keep_freed_memory()
ours = [segmenter(Lopsided(), tile=1024) for _ in range(2)]
before = megabytes("VmRSS")
predict_stack("probability.h5", "volume.h5", ours, learnt_nm=None, pieces=Path("pieces"))
print(megabytes("VmHWM") - before)
"""


def test_two_networks_need_the_memory_of_a_few_slices(tmp_path):
    shape = (165, 768, 1024)  # as uint8 124 MiB, and there are two arrays of it
    image = np.broadcast_to(np.arange(1024, dtype=np.uint8), shape)
    facts = Facts(voxel_size_nm=(5.0, 5.0, 5.0), blocks={"test": ((0, 165),)})
    write_volume(tmp_path / "volume.h5", Volume(image, facts))
    command = [sys.executable, "-c", MEMORY, *FOLDERS]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=os.environ | ENVIRONMENT)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 100
    (tmp_path / "volume.h5").unlink()

import os
import resource
import sys

import numpy as np
import pytest
import torch

from synthem.compute.memory import (
    generous_bytes,
    memory_explained,
    most_bytes,
    step_bytes,
    step_need,
    widest_bytes,
)
from synthem.errors import SynthemError
from synthem.inference.segmenting import Segmenter
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import class_of_kind
from tests.shared.forked import ended, start
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import SEGMENTER, discs
from tests.shared.segmenters import INFERENCE, unet, unet3d
from tests.shared.settings import edited, saving

SETTINGS = {"training.batch_size": 18, "network.base_width": 64}


def failing(error, count=lambda: (1_000_000, 2_000_000_000)):
    with memory_explained("unets", settings=SETTINGS, need=lambda: step_need(count)):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. See documentation."),
        RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),  # of cuDNN 9
    ],
)
def test_an_allocation_that_fails_says_what_is_needed_and_what_to_lower(error):
    with pytest.raises(SynthemError) as told:
        failing(error)
    assert told.value.code == "MEMORY" and told.value.where == "unets"
    assert "about 2.0 GB (4 x 1.0 MB of weights, 2.0 GB of activations)" in told.value.found
    assert told.value.fix == "lower unets.training.batch_size (18) or unets.network.base_width (64)"


def test_the_words_of_the_error_are_kept_without_its_advice():
    with pytest.raises(SynthemError) as told:
        failing(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. See documentation."))
    assert "CUDA out of memory" in told.value.found and "documentation" not in told.value.found


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("can't allocate memory")])
def test_other_errors_stay_what_they_are(error):
    with pytest.raises(type(error), match=str(error)):
        failing(error, count=lambda: pytest.fail("nobody asks for the need"))


def test_a_step_needs_its_weights_and_what_the_way_back_reads():
    def build():
        return torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, padding=1, bias=False), torch.nn.ReLU())

    # 2 x 9 weights; the way back reads 5 x 16 pixels before the convolution and 5 x 2 x 16 after the ReLU
    assert step_bytes(build, (5, 1, 4, 4)) == (4 * 18, 4 * (80 + 160))


def test_the_need_is_found_without_taking_any_memory():
    weights, activations = step_bytes(lambda: torch.nn.Conv2d(1, 1, 1), (1000, 1, 100_000, 10_000))
    assert (weights, activations) == (8, 4 * 10**12)


def train_in_little_memory(folder):
    from synthem.training.segmenter import segmenter_trainer

    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + 500_000_000  # one layer below needs half of that
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    network = of_kind("unet", base_width=16, depth=2)
    large = edited(SEGMENTER, training__patch=512, training__batch_size=16, network=network)
    try:
        segmenter_trainer([discs("real")], discs("validation"), **large).train(saving(folder))
    except SynthemError as error:
        (folder / "error").write_text(str(error))
        os._exit(7)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of address space are Linux'")
def test_a_training_that_does_not_fit_names_the_keys_of_its_section(tmp_path):
    assert ended(start(train_in_little_memory, tmp_path)) == 7
    text = (tmp_path / "error").read_text()
    assert text.startswith("ERROR MEMORY unets: a training step needs about ")
    assert "unets.training.batch_size (16)" in text and "unets.training.patch (512)" in text
    assert "unets.network.unet.base_width (16)" in text


def test_a_window_needs_what_its_widest_layer_reads_and_writes():
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 1), torch.nn.MaxPool2d(2), torch.nn.Conv2d(8, 20, 1), torch.nn.ReLU()
    )
    # 20 + 20 features of a quarter of the pixels, more than 1 + 8 and 8 + 2 of all
    assert widest_bytes(net, (1, 1, 10, 10)) == 4 * 25 * (20 + 20)
    assert widest_bytes(net, (1, 1, 100_000, 100_000)) == 4 * 25 * 10**8 * 40
    assert net(torch.ones(1, 1, 2, 2)).shape == (1, 20, 1, 1), "the network is as it was"


@pytest.mark.parametrize(
    ("kind", "shape", "options"),
    [
        ("unet", (2, 3, 96, 64), {"base_width": 4, "depth": 3}),
        ("unet3d", (1, 3, 8, 64, 64), {"base_width": 4, "isotropic": False, "max_pool": True}),
        ("boundless", (1, 3, 129, 129), {"base_width": 4}),
    ],
)
def test_what_is_let_through_unseen_is_more_than_any_layer_needs(kind, shape, options):
    net = class_of_kind(SEGMENTERS, kind)(in_channels=3, out_channels=2, **options)
    assert 0 < widest_bytes(net, shape) <= generous_bytes(net, shape)


@pytest.mark.parametrize(
    ("net", "shape", "window", "keys"),
    [
        (unet, (1, 64, 48), "64 x 48", "inference.tile (512)"),
        (unet3d, (8, 32, 32), "8 x 32 x 32", "inference.tile (512) or inference.tile_slices (64)"),
    ],
)
def test_a_prediction_that_does_not_fit_names_what_to_lower(net, shape, window, keys, monkeypatch):
    segmenter = Segmenter(net(), device=torch.device("cpu"), **INFERENCE)
    real = torch.sigmoid
    monkeypatch.setattr(torch, "sigmoid", lambda _: real(torch.empty(2**50)))
    with pytest.raises(SynthemError) as told:
        segmenter.probabilities([np.zeros(shape, np.uint8)])
    assert told.value.code == "MEMORY" and told.value.where == "inference"
    assert told.value.found.startswith(f"a window of {window} needs more than ")
    assert "t allocate memory" in told.value.found and told.value.fix == f"lower {keys}"


def test_a_window_that_cannot_fit_is_refused_before_the_system_kills_the_job(monkeypatch):
    segmenter = Segmenter(unet3d(), device=torch.device("cpu"), **INFERENCE)
    image = np.zeros((8, 32, 32), np.uint8)
    # The widest layers read and write 4 channels of 8 x 32 x 32 voxels each, in float32.
    needed = 4 * 8 * 32 * 32 * 8
    monkeypatch.setattr("synthem.compute.memory.most_bytes", lambda: needed)
    segmenter.probabilities([image])
    segmenter.fitting.clear()
    monkeypatch.setattr("synthem.compute.memory.most_bytes", lambda: needed - 1)
    with pytest.raises(SynthemError) as told:
        segmenter.probabilities([image])
    assert told.value.found.startswith("a window of 8 x 32 x 32 needs more than 262.1 kB")
    assert "no more than" in told.value.found and "inference.tile_slices" in told.value.fix


@pytest.mark.parametrize(
    ("groups", "files", "most"),
    [
        ("0::/job/step\n", {"job/memory.max": "3000", "job/step/memory.max": "max"}, 3000),
        ("4:memory:/job\n1:cpu:/other\n", {"memory/job/memory.limit_in_bytes": "2000"}, 2000),
        ("0::/\n", {"memory.max": "9000000"}, 5000 * 1024),
        ("0::/job\n", {}, 5000 * 1024),
    ],
)
def test_the_limit_of_a_job_counts_where_it_is_below_what_the_machine_has(tmp_path, groups, files, most):
    written = {"proc/meminfo": "MemFree: 1 kB\nMemAvailable:    5000 kB\n", "proc/self/cgroup": groups}
    written |= {f"groups/{name}": text for name, text in files.items()}
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert most_bytes(tmp_path / "proc", tmp_path / "groups") == most


def test_without_proc_there_is_no_limit(tmp_path):
    assert most_bytes(tmp_path, tmp_path) == float("inf")

import os
import resource
import sys

import pytest
import torch
from forked import ended, start
from segmenter_settings import SEGMENTER, discs

from synthem.errors import SynthemError
from synthem.memory import memory_explained, step_bytes, words

SETTINGS = {"training.batch_size": 18, "network.base_width": 64}


def failing(error, needs=lambda: (1_000_000, 2_000_000_000)):
    with memory_explained("unets", settings=SETTINGS, needs=needs):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. See documentation."),
    ],
)
def test_an_allocation_that_fails_says_what_is_needed_and_what_to_lower(error):
    with pytest.raises(SynthemError) as told:
        failing(error)
    assert told.value.code == "MEMORY" and told.value.where == "unets"
    assert "about 2 GB (4 x 1 MB of weights, 2 GB of activations)" in told.value.found
    assert told.value.fix == "lower unets.training.batch_size (18) or unets.network.base_width (64)"


def test_the_words_of_the_error_are_kept_without_its_advice():
    with pytest.raises(SynthemError) as told:
        failing(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. See documentation."))
    assert "CUDA out of memory" in told.value.found and "documentation" not in told.value.found


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("can't allocate memory")])
def test_other_errors_stay_what_they_are(error):
    with pytest.raises(type(error), match=str(error)):
        failing(error, needs=lambda: pytest.fail("nobody asks for the need"))


def test_a_step_needs_its_weights_and_what_the_way_back_reads():
    def build():
        return torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, padding=1, bias=False), torch.nn.ReLU())

    # 2 x 9 weights; the way back reads 5 x 16 pixels before the convolution and 5 x 2 x 16 after the ReLU
    assert step_bytes(build, (5, 1, 4, 4)) == (4 * 18, 4 * (80 + 160))


def test_the_need_is_found_without_taking_any_memory():
    weights, activations = step_bytes(lambda: torch.nn.Conv2d(1, 1, 1), (1000, 1, 100_000, 10_000))
    assert (weights, activations) == (8, 4 * 10**12)


@pytest.mark.parametrize(("count", "text"), [(1.5e9, "1.5 GB"), (2e6, "2 MB"), (72, "0.072 kB")])
def test_bytes_read_well(count, text):
    assert words(count) == text


def train_in_little_memory(folder):
    from synthem.segmentation import train_segmenter

    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + 500_000_000  # one layer below needs half of that
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    changed = {"patch": 512, "batch_size": 16, "network": {"name": "unet", "base_width": 16, "depth": 2}}
    try:
        train_segmenter([discs("real")], discs("validation"), folder=folder, **SEGMENTER | changed)
    except SynthemError as error:
        (folder / "error").write_text(str(error))
        os._exit(7)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of address space are Linux'")
def test_a_training_that_does_not_fit_names_the_keys_of_its_section(tmp_path):
    assert ended(start(train_in_little_memory, tmp_path)) == 7
    text = (tmp_path / "error").read_text()
    assert text.startswith("ERROR MEMORY unets: a training step needs about ")
    assert "unets.training.batch_size (16)" in text and "unets.training.patch (512)" in text
    assert "unets.network.base_width (16)" in text

"""Tests that need a GPU. They run alone (`make test-gpu`), since all others hide it, and skip without one.

`--on-processor` runs them on a processor instead: it cannot show what a GPU does, but that the tests work.
"""

import os

import pytest


def pytest_addoption(parser):
    parser.addoption("--on-processor", action="store_true", help="try the tests of tests/gpu without a GPU")


def on_processor(config):
    return config.getoption("on_processor", default=False)


def pytest_configure(config):
    if on_processor(config):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        # Beside other tests, threads of torch that wait for one another take a hundred times as long.
        os.environ["OMP_NUM_THREADS"] = "1"


def pytest_runtest_setup(item):
    if not (on_processor(item.config) or a_gpu_is_here()):
        pytest.skip("no GPU")


def a_gpu_is_here():
    import torch  # not before tests/conftest.py has hidden the GPU where others are tested, too

    return torch.cuda.is_available()


@pytest.fixture(scope="session")
def device(request):
    """Where these tests compute."""
    import torch

    return torch.device("cpu" if on_processor(request.config) else "cuda")


@pytest.fixture(autouse=True)
def few_batches_of_norms(device, monkeypatch):
    """On a processor, two batches try what 16 of a GPU do: the statistics of averaged weights."""
    if device.type == "cpu":
        monkeypatch.setattr("synthem.gans.conditional.NORM_BATCHES", 2)


@pytest.fixture
def gpu(device):
    """For tests of what only a GPU has."""
    if device.type == "cpu":
        pytest.skip("nothing to try on a processor")
    return device


@pytest.fixture
def computed_there(device):
    """The GPU computes in the test that asks for this: its memory shows it."""
    if device.type == "cpu":
        yield
        return
    from torch import cuda

    cuda.init()
    cuda.empty_cache()
    cuda.reset_peak_memory_stats()
    before = cuda.max_memory_allocated()
    yield
    assert cuda.max_memory_allocated() > before, "nothing was computed on the GPU"

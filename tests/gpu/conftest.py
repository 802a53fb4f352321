"""Tests that need a GPU. They run alone (`make test-gpu`), since all others hide it, and skip without one.

`--on-processor` runs them on a processor instead: it cannot show what a GPU does, but that the tests work.
"""

import sys
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "library"))  # small networks and what they learn from


def pytest_addoption(parser):
    parser.addoption("--on-processor", action="store_true", help="try the tests of tests/gpu without a GPU")


def on_processor(config):
    return config.getoption("on_processor", default=False)


def pytest_collection_modifyitems(config, items):
    if not (torch.cuda.is_available() or on_processor(config)):
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason="no GPU"))


@pytest.fixture(scope="session")
def device(request):
    """Where these tests compute."""
    return torch.device("cpu" if on_processor(request.config) else "cuda")


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
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.max_memory_allocated()
    yield
    assert torch.cuda.max_memory_allocated() > before, "nothing was computed on the GPU"

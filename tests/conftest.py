"""What all tests share: where the library lies, threads, machines without a GPU or torch, and `--fast`."""

import gc
import importlib.util
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from tests.shared.file_systems import MEMORY, has_room

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS.parent / "workflow_scripts"))
# Before any test imports torch: its networks are small, and four threads of two workers wait for each other.
os.environ["OMP_NUM_THREADS"] = "1"

# What the interpreter tells its auditors where a process starts. A server of multiprocessing starts its own.
STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.exec"}


def pytest_addoption(parser):
    parser.addoption("--fast", action="store_true", help="skip every test where it starts a process")


def pytest_configure(config):
    """Before any test imports torch: expected bits are a processor's. What tests start inherits it."""
    if not all(path_of(argument).is_relative_to(TESTS / "gpu") for argument in config.args):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if importlib.util.find_spec("torch") is None:
        sys.meta_path.append(NoTorch())
    if "PYTEST_XDIST_WORKER" not in os.environ and has_room(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if config.getoption("fast"):
        config.pluginmanager.register(NoProcesses())


def pytest_collection():
    """What is collected stays: to look through it for garbage again and again takes a sixth of the time."""
    gc.disable()


def pytest_collection_finish():
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items):
    """Tests of a minute and more start first: at the end, one process would wait for them alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


class NoTorch:
    """Skips the module or the test that imports torch, itself or through the library: no list says which.

    `make setup TORCH=none` makes an environment without torch, for a Python that has no build of it.
    """

    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            pytest.skip("torch is not installed", allow_module_level=True)


@pytest.fixture(autouse=True)
def ctrl_c_is_heard():
    """By tests and what they start: a shell lets background jobs ignore it, a script the end of Python."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def path_of(argument):
    return Path(argument.partition("::")[0]).resolve()


class NoProcesses:
    """Refuses to start a process while a test runs. The test ends there, so no list says which do."""

    def __init__(self):
        self.testing = False
        sys.addaudithook(lambda event, _: self.refuse() if event in STARTS else None)
        start = BaseProcess.start
        BaseProcess.start = lambda process: self.refuse() or start(process)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self):
        self.testing = True
        try:
            return (yield)
        finally:
            self.testing = False

    def refuse(self):
        if self.testing:
            pytest.skip("starts a process, which --fast (`make test-fast`) forbids; `make test` runs it")

"""`compute: {deterministic: true}`: a GPU gives the same bits, or the error names what it cannot repeat."""

import re
import subprocess
import sys

import pytest

from tests.shared.forked import ended, start
from tests.shared.project import PROJECT
from tests.shared.repeated import KINDS, write

ON_PROCESSOR = "unet"  # there, bits repeat always: one is enough to try the test


@pytest.fixture
def said(device, tmp_path):
    """A function: what a process that trains a network of a kind says, (exit status, its words, errors)."""

    def said_forked(kind):
        told = tmp_path / "told"
        return ended(start(write, told, kind)), told.read_text(), "see above"

    def said_started(kind):
        command = [sys.executable, "-m", "tests.shared.repeated", kind]
        process = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        return process.returncode, process.stdout, process.stderr

    return said_forked if device.type == "cpu" else said_started  # no fork has a GPU


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bits_where_they_are_asked_for(device, said, kind):
    if device.type == "cpu" and kind != ON_PROCESSOR:
        pytest.skip("one is enough on a processor")
    one, other = said(kind), said(kind)
    assert (one[0], other[0]) == (0, 0), one[2] + other[2]
    first, second = one[1].strip(), other[1].strip()
    assert first == second
    unrepeated = "ERROR CONFIG_CONTRADICTION compute.deterministic: torch has no algorithm here that repeats"
    assert re.fullmatch(r"[0-9a-f]{64}", first) or first.startswith(unrepeated)

"""`compute: {deterministic: true}`: a GPU gives the same bits, or the error names what it cannot repeat."""

import re
import subprocess
import sys

import pytest

from tests.shared.project import PROJECT
from tests.shared.repeated import KINDS

ON_PROCESSOR = "unet"  # there, bits repeat always: one is enough to try the test


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bits_where_they_are_asked_for(device, kind):
    if device.type == "cpu" and kind != ON_PROCESSOR:
        pytest.skip("one is enough on a processor")
    command = [sys.executable, "-m", "tests.shared.repeated", kind]
    ended = [subprocess.run(command, cwd=PROJECT, capture_output=True, text=True) for _ in range(2)]
    assert [one.returncode for one in ended] == [0, 0], ended[0].stderr + ended[1].stderr
    first, second = (one.stdout.strip() for one in ended)
    assert first == second
    unrepeated = "ERROR CONFIG_CONTRADICTION compute.deterministic: torch has no algorithm here that repeats"
    assert re.fullmatch(r"[0-9a-f]{64}", first) or first.startswith(unrepeated)

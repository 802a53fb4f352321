"""Files with flipped and missing bytes: each is a stack or a SynthemError, soon and in little memory.

In processes of their own: a library that crashes on damage would take the tests with it.
"""

import gzip
import subprocess
import sys
import textwrap

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.shared.project import LIBRARY
from tests.shared.volume_headers import mrc, nifti

pytest.importorskip("hypothesis", reason="hypothesis is not installed")
STACK = np.random.default_rng(0).integers(0, 256, (5, 32, 24), dtype=np.uint8)
FUZZ = textwrap.dedent("""
    import logging, resource, sys, warnings
    from pathlib import Path
    from hypothesis import HealthCheck, given, settings, strategies
    sys.path.insert(0, sys.argv[1])
    from synthem.errors import SynthemError
    from synthem.sources.opening import open_stack
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))  # libraries included
    examples = int(sys.argv[2])

    def peak_kb():  # of this program alone: ru_maxrss begins with the memory of the one that started it
        return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

    def fuzz(victim, source):
        whole, outcomes = victim.read_bytes(), {}
        # Half of the places lie near the start, where most formats have their header.
        places = strategies.integers(0, len(whole) - 1) | strategies.integers(0, min(300, len(whole) - 1))
        flips = strategies.lists(strategies.tuples(places, strategies.integers(0, 255)), max_size=6)

        @settings(max_examples=examples, derandomize=True, database=None, deadline=None,
                  suppress_health_check=list(HealthCheck))
        @given(flips, strategies.none() | places)
        def damage(flips, end):
            damaged = bytearray(whole)
            for place, value in flips:
                damaged[place] = value
            victim.write_bytes(damaged[:end])
            try:
                with open_stack(source) as stack:
                    for first, planes in stack.slabs():
                        assert planes.dtype == stack.dtype and planes.shape[1:] == stack.shape[1:]
                outcome = "read"
            except SynthemError as error:
                outcome = error.code
            outcomes[outcome] = outcomes.get(outcome, 0) + 1

        print(source, flush=True)
        damage()
        print(outcomes)
        assert outcomes["read"] and outcomes["DATA_FORMAT"]

    for victim, source in zip(sys.argv[3::2], sys.argv[4::2]):
        fuzz(Path(victim), source)
    print(peak_kb() // 1024)
""")


def made(folder, kind):
    """A file of this kind: (its path, the source)."""
    path = folder / kind
    if kind.endswith(".tif"):
        plain = {"metadata": None, "contiguous": False}
        options = {
            "plain.tif": {},
            "pages.tif": {**plain},
            "deflate.tif": {"compression": "zlib", **plain},
            "lzw.tif": {"compression": "lzw", "bigtiff": True},
            "tiles.tif": {"tile": (16, 16), "compression": "zlib"},
            "ome.tif": {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 5}},
            "imagej.tif": {"imagej": True, "metadata": {"axes": "ZYX", "unit": "nm", "spacing": 5}},
        }
        tifffile.imwrite(path, STACK, **options[kind])
    elif kind.endswith(".mrc"):
        path.write_bytes(mrc(STACK.astype("<i2"), mode=1))
    elif kind.endswith(".nii"):
        path.write_bytes(nifti(STACK, kind=2))
    elif kind.endswith(".nii.gz"):
        path.write_bytes(gzip.compress(nifti(STACK, kind=2), mtime=0))
    elif kind.endswith((".png", ".jpg")):
        Image.fromarray(STACK[0]).save(path)
    elif kind.endswith(".h5"):
        with h5py.File(path, "w") as file:
            options = {"chunks": (2, 16, 16), "compression": "gzip"} if kind == "chunks.h5" else {}
            file.create_dataset("x", data=STACK, **options).attrs["resolution"] = (40.0, 4, 4)
    else:
        zarr = pytest.importorskip("zarr", minversion="3", reason="zarr is an extra")
        version = 2 if kind == "two.zarr" else 3
        options = {"shape": STACK.shape, "dtype": "u1", "chunks": (2, 16, 16), "zarr_format": version}
        zarr.create_array(str(path), **options)[...] = STACK
        inside = {"two.zarr": ".zarray", "three.zarr": "zarr.json", "chunk.zarr": "c/0/0/0"}[kind]
        return path / inside, path
    return path, path


TIFF = ("plain.tif", "pages.tif", "deflate.tif", "lzw.tif", "tiles.tif", "ome.tif", "imagej.tif")


@pytest.mark.parametrize(
    "kinds, examples",
    [
        (TIFF, 120),
        (("slice.png", "slice.jpg", "plain.h5", "chunks.h5"), 200),
        (("plain.mrc", "plain.nii", "packed.nii.gz"), 200),
        (("two.zarr", "three.zarr", "chunk.zarr"), 60),
    ],
)
def test_a_damaged_file_is_a_stack_or_an_error(tmp_path, kinds, examples):
    victims = [str(path) for kind in kinds for path in made(tmp_path, kind)]
    command = [sys.executable, "-c", FUZZ, str(LIBRARY), str(examples), *victims]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-300:] + run.stderr[-3000:]
    assert int(run.stdout.split()[-1]) < 600  # MiB

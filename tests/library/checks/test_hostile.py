"""Whatever numbers a file holds: the check ends with words, and what it lets pass can be ingested."""

from collections import Counter

import h5py
import numpy as np
import pytest

from synthem.checks.everything import check_volumes
from synthem.checks.findings import COLUMNS, table_of
from synthem.config.entries import filled_in
from synthem.errors import SynthemError
from synthem.ingest.ingesting import ingest
from synthem.storage.volumes import read_volume
from tests.shared.check_settings import STUDY

SPLIT = {"test": 0.2, "gap_nm": 0, "fold": 0}
TYPES = ["u1", ">u2", "i2", "i8", ">u8", "f2", "f8", "?"]
SHAPES = [(5, 9, 8), (5, 1, 12), (5, 7, 5, 3), (5, 4, 4, 2), (1, 8, 8)]
MEANINGS = ["bright", [0], [1, 200, -1, 0.5, 1e30], "labels"]
ROLES = [("image", ""), ("labels", ""), *(("mask", meaning) for meaning in MEANINGS)]


def contents(dtype, shape):
    """Arrays that a file of this type may hold, from harmless to absurd."""
    rng = np.random.default_rng(0)
    yield rng.integers(0, 2, shape).astype(dtype)
    yield np.zeros(shape, dtype)
    kind = np.dtype(dtype)
    if kind.kind in "ui":
        ends = np.iinfo(kind)
        yield rng.choice(np.array([0, ends.min, ends.max], kind), shape)
        yield rng.integers(ends.min, ends.max, shape, kind.newbyteorder("=")).astype(dtype)
    if kind.kind == "f":
        ends = np.finfo(kind)
        yield rng.choice(np.array([0, ends.min, ends.max, ends.tiny, -0.0], kind), shape)
        yield rng.choice(np.array([0, np.nan, np.inf, -np.inf], kind), shape)
        yield rng.normal(0, 1, shape).astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
def test_every_array_ends_in_words_or_in_a_volume(dtype, tmp_path):
    path, sound = tmp_path / "a.h5", Counter()
    for shape in SHAPES:
        plain = np.random.default_rng(7).integers(0, 255, shape[:3], np.uint8)
        for array in contents(dtype, shape):
            with h5py.File(path, "w") as file:
                file["one"], file["plain"] = array, plain
            for role, foreground in ROLES:
                sound[role] += outcome(path, role, foreground, tmp_path / "v.h5")
    assert min(sound["image"], sound["mask"], sound["labels"]) > 0


def outcome(path, role, foreground, target):
    """1 where the entry was sound and was ingested."""
    one, plain = f"{path}:one", f"{path}:plain"
    entry = {"image": one if role == "image" else plain, "voxel_size_nm": [1, 1, 1]}
    if role == "mask":
        entry["masks"] = {"m": {"files": one, "foreground": foreground, "ignore": [200, -1]}}
    if role == "labels":
        entry["labels"] = {"m": {"files": one, "background": [-1, 1.5], "ignore": [255, 2**60]}}
    volume = filled_in("v", entry, "")
    draws = [{"budget": "all", "replicate": 1, "strategy": "spread", "validation": 0.25}]
    options = STUDY | {"structure": "m", "targets": ["v"], "draws": draws}
    rows, problems = check_volumes({"v": volume}, splits={"v": SPLIT}, **options)
    assert all(isinstance(problem, SynthemError) for problem in problems)
    assert len(table_of(rows).splitlines()) == len(rows) + 1 and tuple(rows[0]) == (
        *COLUMNS,
        "warnings",
        "blocks",
    )
    if problems:
        return 0
    ingest(target, volume, split=SPLIT, content="")
    stored = read_volume(target)
    assert stored.image.dtype in (np.uint8, np.uint16)
    assert all(set(np.unique(mask)) <= {0, 1} for mask in (*stored.masks.values(), *stored.ignore.values()))
    return 1

import tracemalloc
from collections import Counter

import h5py
import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.metrics.overlaps import of_section, totals
from tests.shared.overlap_tables import overlaps


def row(*values):
    return np.array(values)[None, None]  # [1, 1, X]


def counted(labels, truth, ignore=None):
    """The slow reference: {(true id, label): voxels}."""
    known = np.ones(truth.shape, bool) if ignore is None else ignore == 0
    return dict(Counter(zip(truth[known].tolist(), labels[known].tolist(), strict=True)))


def as_counts(table):
    return {(t, s): n for t, s, n in zip(*(column.tolist() for column in table), strict=True)}


def test_a_table_counted_by_hand():
    table = overlaps(row(5, 5, 0, 7, 5), row(1, 1, 1, 2, 2))
    assert as_counts(table) == {(1, 0): 1, (1, 5): 2, (2, 5): 1, (2, 7): 1}
    assert [column.dtype for column in table] == [np.uint32, np.uint32, np.int64]


@pytest.mark.parametrize("highest", [1, 5, 1 << 20, (1 << 32) - 1])
@pytest.mark.parametrize("threads", [1, 3])
def test_the_table_is_that_of_a_loop_over_voxels(highest, threads):
    """Blobs, then noise: the last has more pairs than the first hash table has slots."""
    random = np.random.default_rng(highest)
    for size, repeat in (((1, 1, 1), 1), ((5, 4, 9), 3), ((3, 90, 90), 1)):
        labels, truth = (
            np.repeat(random.integers(0, highest, size, endpoint=True), repeat, axis=2) for _ in range(2)
        )
        ignore = (random.random(truth.shape) < 0.3).astype(np.uint8)
        for known in (None, ignore):
            table = overlaps(labels.astype(np.uint32), truth.astype(np.uint32), known, threads=threads)
            assert as_counts(table) == counted(labels, truth, known)


def test_the_table_does_not_depend_on_the_number_of_threads():
    labels, truth = np.random.default_rng(1).integers(0, 40, (2, 7, 20, 20), np.uint32)
    tables = [overlaps(labels, truth, threads=threads) for threads in (1, 2, 5, 20)]
    for table in tables[1:]:
        assert all(np.array_equal(*columns) for columns in zip(table, tables[0], strict=True))


def test_runs_longer_than_a_block_are_counted_whole():
    truth = np.ones((2, 100, 100), np.uint32)
    labels = np.full_like(truth, 4_000_000_000)
    labels[0, 50, 7:] = 3
    assert as_counts(overlaps(labels, truth)) == {(1, 3): 93, (1, 4_000_000_000): 19907}


def test_memory_does_not_grow_with_the_volumes():
    """1 GiB each, of one slice repeated; a copy of a single slice would be 4 MiB."""
    plane = np.arange(1 << 20, dtype=np.uint32).reshape(1024, 1024) // 512
    volume = np.broadcast_to(plane, (256, 1024, 1024))
    overlaps(volume[:1], volume[:1])  # compiled before memory is watched
    tracemalloc.start()
    table = overlaps(volume, volume, threads=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20
    assert table.voxels.tolist() == [512 * 256] * 2048


def test_volumes_may_lie_in_a_file(tmp_path):
    random = np.random.default_rng(2)
    labels, truth, ignore = random.integers(0, 3, (3, 4, 6, 5)).astype(np.uint32)
    with h5py.File(tmp_path / "volume.h5", "w") as file:
        stored = [
            file.create_dataset(name, data=data)
            for name, data in zip("lti", (labels, truth, ignore), strict=True)
        ]
        assert as_counts(overlaps(*stored, threads=2)) == counted(labels, truth, ignore)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int16, np.int64, np.uint64, ">u4"])
def test_ids_of_any_whole_number_type_count_alike(dtype):
    labels = row(0, 1, 1)
    assert as_counts(overlaps(labels.astype(dtype), labels)) == {(0, 0): 1, (1, 1): 2}


def test_nothing_known_gives_an_empty_table():
    table = overlaps(row(1, 2), row(1, 2), row(1, 1), threads=2)
    assert [len(column) for column in table] == [0, 0, 0]


def test_totals_are_per_id_and_say_where_each_row_went():
    sums, row_of = totals(np.array([9, 2, 9]), np.array([1, 10, 100]))
    assert sums.tolist() == [10, 101]
    assert row_of.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        (row(1, 2, 3), "DATA_SHAPE"),
        (row(1.0, 2.0), "DATA_FORMAT"),
        (row(-1, 2), "DATA_VALUE"),
        (row(1, 1 << 32), "DATA_VALUE"),
    ],
)
def test_what_is_no_labelling_of_the_truth_is_refused(labels, code):
    with pytest.raises(SynthemError, match=code):
        of_section(labels, row(1, 2))


def test_an_ignore_mask_of_another_shape_is_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE ignore"):
        of_section(row(1, 2), row(1, 2), row(0))

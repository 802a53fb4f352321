import random
import time
from dataclasses import replace

import h5py
import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.storage.arrays import (
    as_probability,
    as_stored,
    read_array,
    read_attributes,
    write_arrays,
    writing_arrays,
)
from synthem.storage.volumes import (
    Facts,
    Volume,
    open_volume,
    read_blocks,
    read_facts,
    read_ignore,
    read_labels,
    read_volume,
    write_volume,
    writing_volume,
)

BLOCKS = {"train": ((0, 2),), "validation": ((3, 4),), "test": ((5, 6),)}

FACTS = Facts(
    voxel_size_nm=(50.0, 5.0, 5.0),
    offset_nm=(100.0, 0.0, 15.0),
    own_stacks=((2, (7.5, 0.0, 8.0)),),
    blocks=BLOCKS,
    grey={"type": "int16", "scale": 1.0, "offset": -32768.0},
    provenance={"origin": "files"},
)


def volume(dtype=np.uint8, shape=(6, 5, 4)):
    values = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    labels = np.arange(np.prod(shape[:3]), dtype=np.uint32).reshape(shape[:3])
    labels[0, 0, 0] = 2**32 - 1
    masks = {"mitochondria": (labels % 2).astype(np.uint8), "membrane": (labels % 3 == 0).astype(np.uint8)}
    return Volume(
        values, FACTS, masks, {"neurites": labels}, {"membrane": (labels % 5 == 0).astype(np.uint8)}
    )


@pytest.mark.parametrize(
    "dtype, shape, axes",
    [(np.uint8, (6, 5, 4), "zyx"), (np.uint16, (6, 5, 4), "zyx"), (np.uint8, (6, 5, 4, 3), "zyxc")],
)
def test_a_volume_reads_back_as_it_was(tmp_path, dtype, shape, axes):
    written = volume(dtype, shape)
    write_volume(tmp_path / "v.h5", written)
    read = read_volume(tmp_path / "v.h5")
    for array, again in (
        (written.image, read.image),
        (written.masks["mitochondria"], read.masks["mitochondria"]),
        (written.labels["neurites"], read.labels["neurites"]),
    ):
        assert again.dtype == array.dtype
        np.testing.assert_array_equal(again, array)
    assert read.facts == FACTS == read_facts(tmp_path / "v.h5")
    assert (read.voxel_size_nm, read.blocks) == ((50.0, 5.0, 5.0), BLOCKS)
    assert read_attributes(tmp_path / "v.h5")["axes"] == axes


def test_a_block_is_its_slices_of_everything(tmp_path):
    written = volume()
    write_volume(tmp_path / "v.h5", written)
    read = read_volume(tmp_path / "v.h5", block="validation")
    np.testing.assert_array_equal(read.image, written.image[3:4])
    np.testing.assert_array_equal(read.masks["membrane"], written.masks["membrane"][3:4])
    np.testing.assert_array_equal(read.labels["neurites"], written.labels["neurites"][3:4])
    assert read_blocks(tmp_path / "v.h5") == BLOCKS


def test_a_block_in_two_pieces_is_read_as_one(tmp_path):
    written = volume()
    blocks = {"train": ((0, 2), (4, 6)), "test": ((2, 4),)}
    write_volume(tmp_path / "v.h5", replace(written, facts=replace(FACTS, blocks=blocks)))
    read = read_volume(tmp_path / "v.h5", block="train")
    np.testing.assert_array_equal(read.image, written.image[[0, 1, 4, 5]])
    np.testing.assert_array_equal(read.ignore["membrane"], written.ignore["membrane"][[0, 1, 4, 5]])


def test_what_is_unknown_comes_with_the_mask_it_belongs_to(tmp_path):
    written = volume()
    write_volume(tmp_path / "v.h5", written)
    assert list(read_volume(tmp_path / "v.h5").ignore) == ["membrane"]
    assert read_volume(tmp_path / "v.h5", masks=["mitochondria"], labels=[]).ignore == {}
    unknown = read_ignore(tmp_path / "v.h5", "membrane", block=((3, 4),))
    np.testing.assert_array_equal(unknown, written.ignore["membrane"][3:4])
    assert read_ignore(tmp_path / "v.h5", "mitochondria") is None


def test_a_volume_written_in_pieces_has_the_same_bytes(tmp_path):
    whole = volume()
    write_volume(tmp_path / "a.h5", whole)
    arrays = {"image": whole.image}
    for group in ("masks", "labels", "ignore"):
        arrays |= {f"{group}/{name}": array for name, array in getattr(whole, group).items()}
    kinds = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    with writing_volume(tmp_path / "b.h5", kinds, FACTS) as put:
        for name, array in arrays.items():
            for z in range(0, 6, 4):
                put(name, z, array[z : z + 4])
    with open_volume(tmp_path / "b.h5") as stored:
        assert (stored.facts, stored.shape, stored.dtype) == (FACTS, (6, 5, 4), np.uint8)
        assert (stored.names("masks"), stored.names("ignore")) == (["membrane", "mitochondria"], ["membrane"])
        for name, array in arrays.items():
            np.testing.assert_array_equal(stored.read(name, 1, 5), array[1:5])
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_a_write_that_fails_in_the_middle_leaves_nothing(tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        writing_arrays(tmp_path / "a.h5", {"x": ((2, 3, 3), np.uint8)}, {}) as put,
    ):
        put("x", 0, np.ones((1, 3, 3), np.uint8))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_sizes_of_tiles_are_kept(tmp_path):
    facts = replace(FACTS, tiles=((5, 4), (3, 2), (5, 1), (1, 4), (2, 2), (5, 4)))
    write_volume(tmp_path / "v.h5", replace(volume(), facts=facts))
    assert read_facts(tmp_path / "v.h5").tiles == facts.tiles


def test_labels_are_read_where_there_are_any_and_are_0_where_unknown(tmp_path):
    numbers = np.arange(1, 13, dtype=np.uint32).reshape(3, 2, 2)
    ignore = {"cells": (numbers == 6).astype(np.uint8)}
    whole = Volume(
        np.zeros((3, 2, 2), np.uint8), Facts((1.0, 1.0, 1.0)), labels={"cells": numbers}, ignore=ignore
    )
    write_volume(tmp_path / "v.h5", whole)
    found = read_labels(tmp_path / "v.h5", "cells", block=((1, 3),))
    assert found["cells"].tolist() == [[[5, 0], [7, 8]], [[9, 10], [11, 12]]]
    assert read_labels(tmp_path / "v.h5", "mito") == {}


def test_only_the_masks_that_are_asked_for_are_read(tmp_path):
    write_volume(tmp_path / "v.h5", volume())
    read = read_volume(tmp_path / "v.h5", masks=["membrane"], labels=[])
    assert (list(read.masks), read.labels) == (["membrane"], {})
    assert read_volume(tmp_path / "v.h5", masks=[]).masks == {}


def test_a_volume_without_masks_and_labels_has_none(tmp_path):
    write_volume(tmp_path / "v.h5", Volume(volume().image, Facts((1.0, 1.0, 1.0))))
    read = read_volume(tmp_path / "v.h5")
    assert (read.masks, read.labels, read.ignore, read.facts) == ({}, {}, {}, Facts((1.0, 1.0, 1.0)))


def test_the_same_content_is_the_same_bytes_at_any_time(tmp_path):
    write_volume(tmp_path / "a.h5", volume())
    time.sleep(1.1)
    write_volume(tmp_path / "b.h5", volume())
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 300), (1, 255, 257), (3, 256, 256), (2, 1, 1, 3)])
def test_arrays_of_any_size_are_stored_in_pieces_of_a_slice(tmp_path, shape):
    array = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    write_arrays(tmp_path / "a.h5", {"image": array, "x": array}, {})
    np.testing.assert_array_equal(read_array(tmp_path / "a.h5", "x"), array)
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["x"].chunks == (1, min(shape[1], 256), min(shape[2], 256), *shape[3:])
        assert (file["image"].compression, file["x"].compression) == (None, "gzip")


def test_read_array_reads_the_slices_of_a_block(tmp_path):
    write_arrays(tmp_path / "a.h5", {"x": np.arange(5).reshape(5, 1, 1)}, {})
    assert read_array(tmp_path / "a.h5", "x", block=((1, 3),)).ravel().tolist() == [1, 2]


def test_truth_values_are_stored_as_0_and_1(tmp_path):
    write_arrays(tmp_path / "a.h5", {"x": np.array([[[True, False]]])}, {})
    read = read_array(tmp_path / "a.h5", "x")
    assert (read.dtype, read.tolist()) == (np.uint8, [[[1, 0]]])


def test_provenance_may_be_long(tmp_path):
    origin = {"source_slices": list(range(50_000))}
    write_volume(tmp_path / "v.h5", Volume(volume().image, Facts((1, 1, 1), provenance=origin)))
    assert read_facts(tmp_path / "v.h5").provenance == origin


def test_probabilities_are_kept_to_half_a_step_and_0_and_1_exactly():
    probability = np.linspace(0, 1, 1001, dtype=np.float32)
    again = as_probability(as_stored(probability))
    assert np.abs(again - probability).max() <= 0.5 / 255 + 1e-6
    assert (again[0], again[-1]) == (0, 1)


def test_a_missing_file_is_a_read_error(tmp_path):
    with pytest.raises(SynthemError, match="ERROR FILE_READ .*No such file"):
        read_volume(tmp_path / "v.h5")


def test_a_missing_dataset_is_a_read_error_with_its_name(tmp_path):
    write_volume(tmp_path / "v.h5", volume())
    with pytest.raises(SynthemError, match="ERROR FILE_READ .*nuclei"):
        read_array(tmp_path / "v.h5", "masks/nuclei")
    with pytest.raises(SynthemError, match="ERROR FILE_READ "):
        read_volume(tmp_path / "v.h5", masks=["nuclei"])


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_file_is_a_read_error(tmp_path, part):
    write_volume(tmp_path / "v.h5", volume(shape=(6, 50, 40)))
    data = (tmp_path / "v.h5").read_bytes()
    (tmp_path / "v.h5").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(SynthemError, match="ERROR FILE_READ "):
        read_volume(tmp_path / "v.h5")


def test_compressed_data_that_is_damaged_is_a_read_error(tmp_path):
    write_arrays(
        tmp_path / "v.h5", {"x": np.random.default_rng(0).integers(0, 9, (1, 90, 90), np.uint32)}, {}
    )
    with h5py.File(tmp_path / "v.h5") as file:
        place = file["x"].id.get_chunk_info(0)
    data = bytearray((tmp_path / "v.h5").read_bytes())
    data[place.byte_offset : place.byte_offset + 20] = random.Random(0).randbytes(20)
    (tmp_path / "v.h5").write_bytes(data)
    with pytest.raises(SynthemError, match="ERROR FILE_READ "):
        read_array(tmp_path / "v.h5", "x")

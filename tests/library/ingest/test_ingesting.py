import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.config.entries import filled_in
from synthem.errors import SynthemError
from synthem.ingest.ingesting import ingest, withhold
from synthem.storage.arrays import open_arrays
from synthem.storage.volumes import read_ignore, read_volume

SPLIT = {"test": 0.2, "gap_nm": 50, "fold": 0}  # a gap of one slice
RAW = np.random.default_rng(0).integers(0, 65535, (10, 6, 7)).astype(np.uint16)
MASK = RAW > 40000
CELLS = np.arange(420, dtype=np.uint64).reshape(10, 6, 7)


def save(path, array, **attributes):
    """An array as an HDF5 source."""
    with h5py.File(path, "w") as file:
        file["data"] = array
        file["data"].attrs.update(attributes)
    return f"{path}:data"


@pytest.fixture
def sources(tmp_path):
    tifffile.imwrite(tmp_path / "raw.tif", RAW)
    (tmp_path / "mito").mkdir()
    for z, plane in enumerate(MASK):
        Image.fromarray(plane).save(tmp_path / "mito" / f"{z}.png")
    return {
        "image": str(tmp_path / "raw.tif"),
        "masks": {"mito": str(tmp_path / "mito")},
        "labels": {"cells": save(tmp_path / "a.h5", CELLS)},
        "withheld": {"membrane": str(tmp_path / "missing.tif")},
        "voxel_size_nm": [50.0, 5.0, 4.0],
    }


@pytest.fixture
def ingested(tmp_path):
    """What becomes of an entry of the config."""

    def make(entry, split=SPLIT, **changes):
        ingest(tmp_path / "v.h5", filled_in("v", entry | changes, ""), split=split, content="hash")
        return read_volume(tmp_path / "v.h5")

    return make


def test_the_canonical_volume_holds_what_the_files_hold(sources, ingested):
    volume = ingested(sources)
    np.testing.assert_array_equal(volume.image, RAW)
    np.testing.assert_array_equal(volume.masks["mito"], MASK)
    np.testing.assert_array_equal(volume.labels["cells"], CELLS)
    kinds = (volume.image.dtype, volume.masks["mito"].dtype, volume.labels["cells"].dtype)
    assert kinds == (np.uint16, np.uint8, np.uint32)
    assert volume.ignore == {}
    assert volume.voxel_size_nm == (50, 5, 4)
    assert volume.blocks == {"train": ((0, 7),), "test": ((8, 10),)}
    assert volume.facts.provenance == {"origin": "files", "content": "hash"}
    assert volume.facts.grey == {"type": "uint16", "scale": 1.0, "offset": 0.0}
    assert (volume.facts.offset_nm, volume.facts.tiles) == ((0, 0, 0), ())


def test_withheld_truth_is_not_even_opened(sources, tmp_path):
    entry = filled_in("v", sources, "")
    ingest(tmp_path / "v.h5", entry, split=SPLIT, content="")
    assert list(read_volume(tmp_path / "v.h5").masks) == ["mito"]
    del entry["withheld"]  # the rule does not even name it
    ingest(tmp_path / "v.h5", entry, split=SPLIT, content="")


def test_the_same_files_are_the_same_bytes(sources, tmp_path):
    for name in ("one.h5", "two.h5"):
        ingest(tmp_path / name, filled_in("v", sources, ""), split=SPLIT, content="hash")
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()


def test_a_failed_ingest_leaves_no_file(sources, tmp_path):
    sources["masks"]["mito"] = save(tmp_path / "small.h5", MASK[:, 1:])
    with pytest.raises(SynthemError, match="DATA_SHAPE"):
        ingest(tmp_path / "v.h5", filled_in("v", sources, ""), split=SPLIT, content="hash")
    assert not list(tmp_path.glob("*v.h5*"))


def test_float_images_keep_16_bits_of_precision(sources, ingested, tmp_path):
    values = np.random.default_rng(1).normal(0, 100, RAW.shape).astype(np.float32)
    volume = ingested(sources, image=save(tmp_path / "f.h5", values))
    grey = volume.facts.grey
    assert volume.image.dtype == np.uint16 and grey["type"] == "float32"
    restored = volume.image * grey["scale"] + grey["offset"]
    assert np.abs(restored - values).max() <= grey["scale"]


def test_what_imagej_saves_with_a_sign_is_what_it_shows(sources, ingested, tmp_path):
    """In the file -3 is 32765, and the background of mask and labels 32768."""
    shown = RAW[:, :, :5].astype(np.int32) % 1000 - 500
    cells = CELLS[:, :, :5].astype(np.int32) % 7
    line = {"axes": "ZYX", "cf": 0, "c0": -32768.0, "c1": 1.0, "vunit": "Gray Value"}
    for name, values in (("shown", shown), ("mask", 255 * (shown > 300)), ("cells", cells)):
        stored = (values + 32768).astype(np.uint16)
        tifffile.imwrite(tmp_path / f"{name}.tif", stored, imagej=True, metadata=line)
    files = {
        "image": str(tmp_path / "shown.tif"),
        "masks": {"mito": str(tmp_path / "mask.tif")},
        "labels": {"cells": str(tmp_path / "cells.tif")},
    }
    volume = ingested(sources, **files)
    stored = volume.image.astype(np.int32)
    np.testing.assert_array_equal(stored + volume.facts.grey["offset"], shown)
    assert (volume.facts.grey["type"], volume.facts.grey["scale"]) == ("int16", 1)
    np.testing.assert_array_equal(volume.masks["mito"], shown > 300)
    np.testing.assert_array_equal(volume.labels["cells"], cells)


def test_colour_is_kept(sources, ingested, tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (*RAW.shape, 3), np.uint8)
    volume = ingested(sources, image=save(tmp_path / "c.h5", pixels))
    np.testing.assert_array_equal(volume.image, pixels)


def test_marks_in_colours_that_are_all_alike_are_read_as_grey(sources, ingested, tmp_path):
    mask = np.stack([MASK * np.uint8(255)] * 3, axis=-1)
    cells = np.stack([CELLS.astype(np.uint16)] * 3, axis=-1)
    files = {"mito": save(tmp_path / "m.h5", mask)}
    volume = ingested(sources, masks=files, labels={"cells": save(tmp_path / "c.h5", cells)})
    np.testing.assert_array_equal(volume.masks["mito"], MASK)
    np.testing.assert_array_equal(volume.labels["cells"], CELLS)


def test_the_voxel_size_and_the_offset_may_come_from_the_file(sources, ingested, tmp_path):
    source = save(tmp_path / "cremi.h5", RAW, resolution=(40.0, 4.0, 4.0), offset=(80.0, 8.0, 0.0))
    facts = ingested(sources, image=source, voxel_size_nm=[]).facts
    assert (facts.voxel_size_nm, facts.offset_nm) == ((40, 4, 4), (80, 8, 0))
    with pytest.raises(SynthemError, match="voxel_size_nm: unknown"):
        ingested(sources, voxel_size_nm=[])


def test_ignored_values_of_mask_and_labels_of_one_name_are_joined(sources, ingested, tmp_path):
    cells, marked = CELLS.copy(), MASK * 255
    marked[0], cells[1] = 7, 999
    sources["masks"] = {"cells": {"files": save(tmp_path / "m.h5", marked), "ignore": [7]}}
    sources["labels"] = {"cells": {"files": save(tmp_path / "l.h5", cells), "ignore": [999]}}
    volume = ingested(sources)
    unknown = np.zeros(RAW.shape, np.uint8)
    unknown[:2] = 1
    np.testing.assert_array_equal(volume.ignore["cells"], unknown)
    assert not volume.masks["cells"][0].any() and not volume.labels["cells"][1].any()
    np.testing.assert_array_equal(volume.labels["cells"][2:], CELLS[2:])


def test_labels_smaller_than_the_image_are_put_in_their_place(sources, ingested, tmp_path):
    raw = save(tmp_path / "r.h5", RAW, resolution=(50.0, 5.0, 4.0), offset=(100.0, 0.0, 0.0))
    part = save(
        tmp_path / "l.h5", CELLS[2:5, 1:4, 3:7], resolution=(50.0, 5.0, 4.0), offset=(200.0, 5.0, 12.0)
    )
    volume = ingested(sources, image=raw, labels={"cells": part})
    place = np.s_[2:5, 1:4, 3:7]
    expected, unknown = np.zeros(RAW.shape), np.ones(RAW.shape)
    expected[place], unknown[place] = CELLS[place], 0
    np.testing.assert_array_equal(volume.labels["cells"], expected)
    np.testing.assert_array_equal(volume.ignore["cells"], unknown)
    assert "mito" not in volume.ignore


def test_a_test_stack_of_its_own_lies_behind_the_main_one_and_is_filled_up_by_reflection(
    sources, ingested, tmp_path
):
    raw, marked = RAW[:2, :5, :4], MASK[:2, :5, :4]
    own = {"image": save(tmp_path / "t.h5", raw), "masks": {"mito": save(tmp_path / "tm.h5", marked)}}
    volume = ingested(sources, test=own)
    assert volume.blocks == {"train": ((0, 10),), "test": ((10, 12),)}
    np.testing.assert_array_equal(volume.image[:10], RAW)
    rows, columns = [0, 1, 2, 3, 4, 3], [0, 1, 2, 3, 2, 1, 0]
    np.testing.assert_array_equal(volume.image[10:], raw[:, rows][:, :, columns])
    np.testing.assert_array_equal(volume.masks["mito"][10:], marked[:, rows][:, :, columns])
    unknown = np.zeros((12, 6, 7))
    unknown[10:, 5:], unknown[10:, :, 4:] = 1, 1
    np.testing.assert_array_equal(volume.ignore["mito"], unknown)
    assert volume.facts.tiles == ((6, 7),) * 10 + ((5, 4),) * 2
    # The test stack has no cells: none are marked there, and nobody knows better.
    assert not volume.labels["cells"][10:].any() and volume.ignore["cells"][10:].all()
    assert not volume.ignore["cells"][:10].any()


def test_stacks_of_their_own_keep_the_offsets_of_their_files(sources, ingested, tmp_path):
    raw = save(tmp_path / "r.h5", RAW, offset=(100.0, 0.0, 0.0))
    validation = {"image": save(tmp_path / "v.h5", RAW[:3] // 2)}  # no offset
    test = {
        "image": save(tmp_path / "t.h5", RAW[:2] // 3, offset=(7.0, 8.0, 9.0)),
        "masks": {"mito": save(tmp_path / "tm.h5", MASK[:2])},
    }
    facts = ingested(sources, image=raw, validation=validation, test=test).facts
    assert facts.offset_nm == (100, 0, 0)
    assert facts.own_stacks == ((10, (0, 0, 0)), (13, (7, 8, 9)))
    # slices are 50 nm thick
    assert [facts.offset_of(z)[0] for z in (0, 9, 10, 12, 13, 14)] == [100, 550, 0, 100, 7, 57]


def test_the_larger_stack_sets_the_size(sources, ingested, tmp_path):
    wide = np.pad(RAW[:2], [(0, 0), (0, 3), (0, 0)])
    volume = ingested(sources, validation={"image": save(tmp_path / "w.h5", wide)})
    assert volume.image.shape == (12, 9, 7)
    assert volume.blocks == {"train": ((0, 7), (10, 12)), "test": ((8, 10),)}


def test_tiles_of_other_sizes_are_filled_up_and_need_no_gap(ingested, tmp_path):
    sizes = [(4, 6), (5, 3), (1, 1), (5, 6), (2, 2)]
    tiles = [np.random.default_rng(z).integers(1, 255, size, np.uint8) for z, size in enumerate(sizes)]
    for folder in ("image", "cells"):
        (tmp_path / folder).mkdir()
        for z, tile in enumerate(tiles):
            Image.fromarray(tile if folder == "image" else tile // 100).save(tmp_path / folder / f"{z}.png")
    entry = {"image": str(tmp_path / "image"), "labels": {"cells": str(tmp_path / "cells")}}
    volume = ingested(entry, tiles=True, voxel_size_nm=[1, 1, 1])
    assert volume.image.shape == (5, 5, 6)
    assert volume.facts.tiles == tuple(sizes)
    assert volume.blocks == {"train": ((0, 4),), "test": ((4, 5),)}
    assert not volume.facts.linked
    seen = 0
    for z, (y, x) in enumerate(sizes):
        np.testing.assert_array_equal(volume.image[z, :y, :x], tiles[z])
        cells, inside = volume.labels["cells"][z, :y, :x], tiles[z] >= 100
        np.testing.assert_array_equal(cells > 0, inside)
        numbers, places = np.unique(tiles[z][inside] // 100, return_inverse=True)
        np.testing.assert_array_equal(cells[inside], seen + 1 + places)
        seen += len(numbers)  # they begin anew in each file, but not in the volume
        assert volume.ignore["cells"][z].sum() == 30 - y * x
    assert (volume.image[2] == tiles[2][0, 0]).all()


def test_withheld_truth_has_the_shape_of_the_volume_and_knows_what_it_does_not_know(sources, tmp_path):
    marked = MASK * 255
    marked[3] = 7
    sources["withheld"] = {"membrane": {"files": save(tmp_path / "m.h5", marked), "ignore": [7]}}
    sources["test"] = {"image": save(tmp_path / "t.h5", RAW[:2])}
    withhold(tmp_path / "w.h5", filled_in("v", sources, ""))
    with open_arrays(tmp_path / "w.h5") as file:
        assert file.names("/") == ["ignore", "membrane"]
        truth = file["membrane"][...]
    assert truth.dtype == np.uint8 and truth.shape == (12, 6, 7)
    np.testing.assert_array_equal(truth[4:10], MASK[4:])
    unknown = read_ignore(tmp_path / "w.h5", "membrane")
    assert unknown.mean(axis=(1, 2)).tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("shape", [(1, 101, 99), (3, 7, 5), (2, 1, 512), (1, 1, 1)])
def test_any_size_is_kept(shape, ingested, tmp_path):
    raw = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    test = {"image": save(tmp_path / "t.h5", raw[:1])}
    entry = {
        "image": save(tmp_path / "r.h5", raw),
        "test": test,
        "validation": test,
        "voxel_size_nm": [1, 1, 1],
    }
    np.testing.assert_array_equal(ingested(entry).image, np.concatenate([raw, raw[:1], raw[:1]]))


@pytest.mark.parametrize("whole", [False, True], ids=["as many as are named", "as many as the image"])
def test_slices_that_are_not_named_as_labelled_are_unknown(sources, ingested, tmp_path, whole):
    named = [0, 1, 2, 5, 6, 8]
    marked, cells = (array if whole else array[named] for array in (MASK, CELLS))
    sources["masks"] = {"mito": save(tmp_path / "m.h5", marked)}
    sources["labels"] = {"cells": save(tmp_path / "l.h5", cells)}
    volume = ingested(sources, labelled_slices=named, split=SPLIT | {"gap_nm": 0})
    known = np.isin(np.arange(10), named)
    for kind, name, truth in ((volume.masks, "mito", MASK), (volume.labels, "cells", CELLS)):
        np.testing.assert_array_equal(kind[name][known], truth[known])
        assert not kind[name][~known].any()
        assert (volume.ignore[name] == ~known[:, None, None]).all()
    # 6 labelled: 1 tests
    assert volume.blocks == {
        "train": ((0, 3), (5, 7)),
        "test": ((8, 9),),
        "unlabelled": ((3, 5), (7, 8), (9, 10)),
    }


@pytest.mark.parametrize(
    ("slices", "named", "words"),
    [
        (
            4,
            [],
            "4 slices, the image has 10 .*Fix: name these slices .* labelled_slices: .0-3.; or give",
        ),
        (4, [0, 1, 2], "4 slices, the image has 10, labelled_slices names 3 .*it has to name 4"),
        (4, [0, 1, 2, 10], "labelled_slices names slice 10, the image has 10"),
    ],
)
def test_a_mask_of_a_few_slices_that_nobody_names_is_refused(
    sources, ingested, tmp_path, slices, named, words
):
    sources["masks"] = {"mito": save(tmp_path / "m.h5", MASK[:slices])}
    with pytest.raises(SynthemError, match=f"DATA_SHAPE.*{words}"):
        ingested(sources, labelled_slices=named)


def test_labels_count_only_where_every_stack_with_a_mask_has_them(sources, ingested, tmp_path):
    """A test stack with a mask alone is known: its objects are the connected parts of that."""
    own = {"image": save(tmp_path / "t.h5", RAW[:2]), "masks": {"mito": save(tmp_path / "tm.h5", MASK[:2])}}
    volume = ingested(sources, test=own, labels={"mito": save(tmp_path / "l.h5", CELLS)})
    assert "mito" not in volume.labels and "mito" not in volume.ignore
    np.testing.assert_array_equal(volume.masks["mito"], np.concatenate([MASK, MASK[:2]]))
    both = own | {"labels": {"mito": save(tmp_path / "tl.h5", CELLS[:2])}}
    volume = ingested(sources, test=both, labels={"mito": save(tmp_path / "l.h5", CELLS)})
    np.testing.assert_array_equal(volume.labels["mito"], np.concatenate([CELLS, CELLS[:2]]))

"""Volumes predicted from file to file, by one job or several."""

from dataclasses import replace
from functools import partial

import h5py
import numpy as np
import pytest

from synthem.inference.parts import Chunk, chunks_of, extents, gather_parts, share_of
from synthem.inference.predicting import predict_blocks, predict_membrane
from synthem.inference.windows import cuts
from synthem.storage.arrays import as_stored
from synthem.storage.volumes import Facts, Volume, write_volume
from tests.shared.segmenters import Lopsided, predict, segmenter, unet3d

TRAIN, TEST = ((0, 5), (17, 20)), ((6, 16),)
VALIDATION = ((3, 5), (17, 19))
OF_3D = {"tile_slices": 4, "halo_slices": 4}


@pytest.fixture
def volume(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (20, 16, 300), dtype=np.uint8)
    facts = Facts(voxel_size_nm=(40.0, 4.0, 5.0), blocks={"train": TRAIN, "test": TEST})
    stored = Volume(image, facts, masks={"mito": image // 128})
    write_volume(tmp_path / "volume.h5", stored)
    return stored


class Mixed(Lopsided):
    """Sees the image on some pixels and the mask on others."""

    def forward(self, x):
        return super().forward(x[:, :1]) + x[:, 1:]


def slices_of(image, block):
    ranges = {"validation": VALIDATION, "test": TEST}[block]
    return np.concatenate([image[first:end] for first, end in ranges])


def of_parts(folder, ours, parts):
    """The bytes of a prediction that so many jobs make together."""
    files = [folder / f"{part}-of-{parts}.h5" for part in range(1, parts + 1)]
    for part, file in enumerate(files, start=1):
        predict_blocks(file, folder / "volume.h5", ours, validation=VALIDATION, part=part, parts=parts)
    gather_parts(folder / f"gathered-{parts}.h5", files)
    return (folder / f"gathered-{parts}.h5").read_bytes()


def test_the_blocks_to_tune_and_to_score_are_predicted(tmp_path, volume):
    net = Lopsided()
    predict_blocks(tmp_path / "probability.h5", tmp_path / "volume.h5", segmenter(net), validation=VALIDATION)
    with h5py.File(tmp_path / "probability.h5") as file:
        assert set(file) == {"validation", "test"}
        for block, stored in file.items():
            assert stored.dtype == np.uint8
            assert (stored[...] == as_stored(predict(net, [slices_of(volume.image, block)]))).all()
        assert file.attrs["voxel_size_nm"].tolist() == [40, 4, 5]


def test_several_outputs_are_stored_as_the_last_axis(tmp_path, volume):
    net = Lopsided(out_channels=3)
    predict_blocks(tmp_path / "probability.h5", tmp_path / "volume.h5", segmenter(net), validation=VALIDATION)
    with h5py.File(tmp_path / "probability.h5") as file:
        assert file["test"].shape == (10, 16, 300, 3)
        assert (file["test"][...] == as_stored(predict(net, [slices_of(volume.image, "test")]))).all()


@pytest.mark.parametrize("outputs", [1, 3])
def test_jobs_that_share_a_prediction_write_the_bytes_of_one(tmp_path, volume, outputs):
    ours = segmenter(Lopsided(outputs))
    predict_blocks(tmp_path / "probability.h5", tmp_path / "volume.h5", ours, validation=VALIDATION)
    alone = (tmp_path / "probability.h5").read_bytes()
    for parts in (2, 3, 20):  # more than there are slices
        assert of_parts(tmp_path, ours, parts) == alone


def test_jobs_that_share_a_3d_prediction_write_the_bytes_of_one(tmp_path, volume):
    ours = segmenter(unet3d(), **OF_3D)
    predict_blocks(tmp_path / "probability.h5", tmp_path / "volume.h5", ours, validation=VALIDATION)
    alone = (tmp_path / "probability.h5").read_bytes()
    for parts in (2, 3):
        assert of_parts(tmp_path, ours, parts) == alone
    with h5py.File(tmp_path / "probability.h5") as file:
        expected = predict(unet3d(), [slices_of(volume.image, "test")], **OF_3D)
        assert (file["test"][...] == as_stored(expected)).all()


def test_no_piece_reaches_over_the_end_of_a_range():
    # Two ranges, of 2 and 3 slices, in blocks of 2 with 1 around them.
    chunks = chunks_of({"a": [(3, 5), (17, 20)]}, partial(cuts, step=2, halo=1))
    assert chunks == [
        Chunk("a", (3, 5), slice(0, 2), 0, 2),
        Chunk("a", (17, 20), slice(0, 2), 2, 2),
        Chunk("a", (18, 20), slice(1, 2), 4, 1),
    ]
    assert extents(chunks) == {"a": (0, 5)}
    assert extents(chunks[1:]) == {"a": (2, 5)}


def test_slices_may_be_seen_around_a_range_inside_of_what_holds_it():
    cut = partial(cuts, step=2, halo=1)
    # 2 slices around 4-5 are 2-7, cut at 4 and 6: the middle piece is what is asked for, with 1 beside it.
    asked = {"a": [(4, 6)], "b": [(3, 4)]}
    chunks = chunks_of(asked, cut, around={"a": [(0, 10)]}, reach=2)
    assert chunks == [Chunk("a", (3, 7), slice(1, 3), 0, 2), Chunk("b", (3, 4), slice(0, 1), 0, 1)]
    # Of 3-7, cut at 5 and 7, slice 5 is the first of the middle piece; of 4-5 the second of the only one.
    assert chunks_of({"a": [(5, 6)]}, cut, around={"a": [(0, 10)]}, reach=2) == [
        Chunk("a", (4, 8), slice(1, 2), 0, 1)
    ]
    assert chunks_of({"a": [(5, 6)]}, cut, around={"a": [(4, 6), (6, 10)]}, reach=2) == [
        Chunk("a", (4, 6), slice(1, 2), 0, 1)
    ]


def test_a_slice_to_validate_on_is_predicted_as_inside_of_its_block(tmp_path, volume):
    """A 3-D network sees the images beside it, as far as it does anywhere, and none of another place."""
    ours = segmenter(unet3d(), **OF_3D)
    for number, ranges in enumerate(([(17, 18)], [(17, 20)])):
        path = tmp_path / f"{number}.h5"
        predict_blocks(path, tmp_path / "volume.h5", ours, validation=ranges)
    with h5py.File(tmp_path / "0.h5") as one, h5py.File(tmp_path / "1.h5") as all_three:
        assert one["validation"].shape == (1, 16, 300)
        assert (one["validation"][0] == all_three["validation"][0]).all()
        alone = as_stored(predict(unet3d(), [volume.image[17:18]], **OF_3D))
        assert (one["validation"][0] != alone[0]).any()


def test_without_validation_slices_the_test_block_alone_is_predicted(tmp_path, volume):
    predict_blocks(tmp_path / "p.h5", tmp_path / "volume.h5", segmenter(Lopsided()), validation=())
    with h5py.File(tmp_path / "p.h5") as file:
        assert set(file) == {"test"}


@pytest.mark.parametrize(("chunks", "parts"), [(7, 1), (7, 2), (7, 3), (2, 5)])
def test_shares_are_all_pieces_in_order_and_equally_many(chunks, parts):
    shares = [share_of(list(range(chunks)), part, parts) for part in range(1, parts + 1)]
    assert sum(shares, []) == list(range(chunks))
    assert {len(share) - chunks // parts for share in shares} <= {0, 1}


def test_a_membrane_is_where_its_probability_reaches_the_threshold(tmp_path, volume):
    path, threshold = tmp_path / "membrane.h5", 0.4
    settings = {"beside": ["mito"], "threshold": threshold}
    predict_membrane(path, tmp_path / "volume.h5", segmenter(Mixed()), **settings)
    expected = predict(Mixed(), [volume.image, volume.masks["mito"]])
    with h5py.File(path) as file:
        assert (file["probability"][...] == as_stored(expected)).all()
        assert (file["membrane"][...] == (expected >= threshold)).all()
        assert file["membrane"].dtype == np.uint8 and 0 < file["membrane"][...].mean() < 1


def test_a_membrane_network_in_3d_never_sees_from_one_stack_into_the_next(tmp_path, volume):
    """The last five slices are a stack of its own: each is predicted as if it were alone."""
    facts = replace(volume.facts, own_stacks=((15, (0, 0, 0)),))
    write_volume(tmp_path / "volume.h5", replace(volume, facts=facts))
    ours = segmenter(unet3d(), **OF_3D)
    predict_membrane(tmp_path / "m.h5", tmp_path / "volume.h5", ours, beside=[], threshold=0.5)
    alone = [predict(unet3d(), [part], **OF_3D) for part in (volume.image[:15], volume.image[15:])]
    with h5py.File(tmp_path / "m.h5") as file:
        assert (file["probability"][...] == as_stored(np.concatenate(alone))).all()


def test_a_membrane_network_may_see_the_image_alone(tmp_path, volume):
    predict_membrane(
        tmp_path / "m.h5", tmp_path / "volume.h5", segmenter(Lopsided()), beside=[], threshold=0.5
    )
    with h5py.File(tmp_path / "m.h5") as file:
        assert (file["probability"][...] == as_stored(predict(Lopsided(), [volume.image]))).all()


def test_no_membrane_is_predicted_where_nobody_knows_the_structure(tmp_path, volume):
    unknown = np.zeros(volume.image.shape, np.uint8)
    unknown[3:9] = unknown[12] = 1  # slices without labels
    unknown[15, 3:] = 1  # one that is known in part
    write_volume(tmp_path / "volume.h5", replace(volume, ignore={"mito": unknown}))
    settings = {"beside": ["mito"], "threshold": 0.4}
    predict_membrane(tmp_path / "m.h5", tmp_path / "volume.h5", segmenter(Mixed()), **settings)
    expected = predict(Mixed(), [volume.image, volume.masks["mito"]])
    expected[[*range(3, 9), 12]] = 0
    with h5py.File(tmp_path / "m.h5") as file:
        assert (file["probability"][...] == as_stored(expected)).all()
        assert (file["membrane"][...] == (expected >= 0.4)).all()

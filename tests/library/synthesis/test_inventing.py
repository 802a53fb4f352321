import numpy as np

from synthem.synthesis.inventing import mask_numbers, parts_of, real_pieces

# Two parts that touch by a corner, and one of one pixel.
PLANE = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0]], np.uint8)


def test_parts_of_each_slice_are_numbered_and_a_corner_does_not_join():
    parts = parts_of(np.stack([PLANE, 1 - PLANE]))
    assert parts.dtype == np.uint32 and parts[0].max() == 3
    assert parts[0, 0, 1] != parts[0, 1, 2] and ((parts > 0) == np.stack([PLANE, 1 - PLANE])).all()


def test_numbers_of_a_mask_are_those_counted_by_hand():
    # 16 pixels of 100 x 50 nm are 0.08 square micrometres; parts of 2, 2 and 1 pixels
    assert mask_numbers(PLANE[None], (100, 50)) == {"parts": 3 / 0.08, "part_nm2": 2 * 5000}
    assert mask_numbers(np.zeros((2, 4, 4), np.uint8), (5, 5)) == {"parts": 0, "part_nm2": None}


def test_pieces_are_cut_from_all_masks_at_one_place():
    one = np.random.default_rng(0).integers(0, 2, (3, 40, 40)).astype(np.uint8)
    pieces = real_pieces({"a": one, "b": 1 - one}, None, count=12, shape=(8, 8), seed=0)
    assert pieces["a"].shape == (12, 8, 8) and (pieces["a"] + pieces["b"] == 1).all()
    assert len({piece.tobytes() for piece in pieces["a"]}) == 12
    windows = np.lib.stride_tricks.sliding_window_view(one, (1, 8, 8)).reshape(-1, 8, 8)
    assert all((windows == piece).all(axis=(1, 2)).any() for piece in pieces["a"])

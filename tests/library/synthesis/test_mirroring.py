"""New masks of small tiles: what lies beyond a tile is its mirror image, not empty ground."""

import numpy as np
import pytest
from PIL import Image

from synthem.synthesis.masks import new_masks
from synthem.synthesis.mirroring import mirrored, mirrored_numbers
from tests.shared.project import PUBLIC_DATA

# A tile of 3 x 4 in a frame of 4 x 6: beyond it, the second last row and then columns come back.
TILE = [[1, 0, 0, 2], [0, 0, 0, 2], [0, 3, 0, 0]]
WHOLE = [
    [1, 0, 0, 2, 0, 0],
    [0, 0, 0, 2, 0, 0],
    [0, 3, 0, 0, 0, 3],
    [0, 0, 0, 2, 0, 0],
]


def in_frame(tile, frame, beyond=0):
    plane = np.full(frame, beyond, np.uint32)
    plane[: len(tile), : len(tile[0])] = tile
    return plane


def test_a_tile_goes_on_as_its_mirror_image():
    planes = np.stack([in_frame(TILE, (4, 6), beyond=9), in_frame(WHOLE, (4, 6))])
    whole = mirrored(planes, [(3, 4), (4, 6)])
    np.testing.assert_array_equal(whole, [WHOLE, WHOLE])
    assert planes[0, 0, 5] == 9  # what was given stays


def test_slices_without_tiles_stay_as_they_are():
    planes = np.random.default_rng(0).integers(0, 2, (2, 5, 6), np.uint8)
    np.testing.assert_array_equal(mirrored(planes, []), planes)
    np.testing.assert_array_equal(mirrored_numbers(planes.astype(np.uint32), []), planes)


def test_a_mirror_image_is_another_body_unless_it_touches():
    """Body 2 ends at the far border of row 1 and comes back in row 3; body 3 comes back in column 5."""
    (whole,) = mirrored_numbers(np.stack([in_frame(TILE, (4, 6))]), [(3, 4)])
    assert (whole > 0).tolist() == (np.array(WHOLE) > 0).tolist()
    np.testing.assert_array_equal(whole[:3, :4], TILE)
    images = {int(whole[3, 3]), int(whole[2, 5])}
    assert len(images) == 2 and images.isdisjoint({0, 1, 2, 3})

    touching = [[0, 0, 0], [0, 5, 5], [0, 0, 5]]  # the last row comes back as no other than row 1
    (whole,) = mirrored_numbers(np.stack([in_frame(touching, (4, 3))]), [(3, 3)])
    assert whole[3].tolist() == [0, 5, 5]


def test_new_masks_of_real_tiles_hold_as_much_structure_as_the_tiles():
    """Five H&E tiles of 392 x 459 to 526 x 552 pixels: 28 % of their common frame is beyond them."""
    folder = PUBLIC_DATA / "pathology/masks"
    if not folder.exists():
        pytest.skip("the pathology tiles are not on this machine")
    tiles = [np.asarray(Image.open(path)) > 0 for path in sorted(folder.glob("*.png"))]
    sizes = [tile.shape for tile in tiles]
    frame = [max(lengths) for lengths in zip(*sizes, strict=True)]
    nuclei = np.stack([in_frame(tile, frame) for tile in tiles]).astype(np.uint8)
    bending = {"elastic_nm": 2000, "elastic_scale_nm": 20000, "seed": 1, "slices": 10}
    new, _, _ = new_masks({"nuclei": mirrored(nuclei, sizes)}, {}, (4000, 500, 500), **bending)
    true = sum(tile.sum() for tile in tiles) / sum(tile.size for tile in tiles)
    assert new["nuclei"].mean() == pytest.approx(true, rel=0.03)
    assert nuclei.mean() < 0.85 * true  # what new masks held

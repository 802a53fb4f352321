import io

import numpy as np
import pytest
from PIL import Image

from synthem.figures.surfaces import first_surface, lit, rotation, surface_sheet, thinned

AHEAD = rotation(0, 0)


def ball(shape, radius, size):
    """Voxels within `radius` nm of the middle."""
    places = [(np.arange(n) - (n - 1) / 2) * nm for n, nm in zip(shape, size, strict=True)]
    return (sum(np.square(axis) for axis in np.ix_(*places)) <= radius**2).astype(np.float32)


@pytest.mark.parametrize("turned", [AHEAD, rotation(0.5, 0.3), rotation(-1.2, 0.9)])
def test_an_anisotropic_ball_is_a_disc_of_its_radius_from_wherever_one_looks(turned):
    size = (20.0, 5.0, 4.0)
    density = np.pad(ball((25, 97, 121), 200, size), 2)
    hit, places = first_surface(density, size, turned, (120, 120), 5)
    assert hit.sum() * 5**2 == pytest.approx(np.pi * 200**2, rel=0.04)
    nm = (places - (np.array(density.shape)[:, None] - 1) / 2) * np.array(size)[:, None]
    assert np.abs(np.linalg.norm(nm, axis=0) - 200).max() < 20  # a slice is 20 nm thick
    assert (turned[0] @ nm).max() < 50  # of two surfaces on each ray, that of the near half


def test_what_faces_the_lamp_is_brighter_than_what_does_not():
    """The lamp hangs above, before and right of a ball; its red falls from there to the lower left."""
    picture = lit(ball((60, 60, 60), 25, (1, 1, 1)), np.ones(3), AHEAD, (60, 60), 1)
    assert picture[30, 30, 3] == 255 and picture[0, 0, 3] == 0
    assert picture[20, 38, 0] > picture[30, 30, 0] > picture[42, 16, 0] >= 0.3 * 230 - 1


def test_a_body_of_the_first_slices_hides_one_of_the_last():
    density = np.zeros((40, 20, 20), np.float32)
    density[2:6, 5:15, 5:15] = density[30:34, 2:18, 2:18] = 1
    hit, places = first_surface(density, (1, 1, 1), AHEAD, (20, 20), 1)
    depth = np.full((20, 20), np.nan)
    depth[hit] = places[0]
    assert depth[10, 10] == pytest.approx(1.5) and depth[3, 3] == pytest.approx(29.5)
    assert np.isnan(depth[0, 0])


def test_blocks_of_voxels_become_their_means():
    mask = np.zeros((3, 200, 96), np.uint8)
    mask[:, :4] = 1
    mask[0, 6] = 1
    density, size = thinned(mask, (50, 5, 4))
    assert density.shape == (3, 67, 96) and tuple(size) == (50, 15, 4)
    np.testing.assert_allclose(density[0, :4, 0], (1, 1 / 3, 1 / 3, 0))


@pytest.mark.parametrize("shape", [(1, 40, 300), (8, 30, 30)])
def test_thin_blocks_are_seen_and_empty_ones_are_not_and_bytes_repeat(shape):
    full, empty = np.ones(shape, np.uint8), np.zeros(shape, np.uint8)
    data = surface_sheet({"truth": full, "found": empty}, (5.0, 5.0, 5.0))
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    orange = picture[..., 0] - picture[..., 2] > 60
    half = int(0.52 * picture.shape[1])  # words to the left move the middle
    assert orange[:, :half].mean() > 0.1 and not orange[:, half:].any()
    assert data == surface_sheet({"truth": full, "found": empty}, (5.0, 5.0, 5.0))

import numpy as np
import pytest
from scipy import ndimage
from skimage import measure

from synthem.errors import SynthemError
from synthem.labels.boundaries import interior
from synthem.labels.thinning import thin_borders
from tests.shared.random_cells import cells


def thick_borders(seed):
    """Voronoi cells with borders of three to five pixels, and one open end within a cell."""
    border = ~interior(cells((1, 90, 100), 12, seed), width=2, per_slice=True).astype(bool)
    border[0, 60:63, :7] = True
    return (~border).astype(np.uint8)


@pytest.mark.parametrize(("neighbours", "connectivity"), [(4, 1), (8, 2)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_thin_borders_keep_every_cell_apart(neighbours, connectivity, seed):
    thick = thick_borders(seed)
    thin = thin_borders(thick, neighbours=neighbours)
    before = measure.label(thick[0], connectivity=connectivity)
    after = measure.label(thin[0], connectivity=connectivity)
    assert after.max() == before.max()
    owners = {(int(a), int(b)) for a, b in zip(after[before > 0], before[before > 0], strict=True)}
    assert len(owners) == before.max()  # each new cell holds exactly one old one
    assert (thin >= thick).all()  # nothing became border
    assert not ndimage.binary_erosion(thin[0] == 0, np.ones((3, 3))).any()
    assert (thin == 0).sum() < 0.5 * (thick == 0).sum()


def test_an_open_end_stays():
    thick = np.ones((1, 30, 30), np.uint8)
    thick[0, 13:16, :20] = 0
    thin = thin_borders(thick, neighbours=4)[0]
    assert (thin[14, :17] == 0).all()
    assert (thin == 0).sum() < 25


@pytest.mark.parametrize("value", [0, 1])
def test_slices_of_one_kind_stay_as_they_are(value):
    np.testing.assert_array_equal(thin_borders(np.full((2, 5, 6), value), neighbours=8), value)


def test_thinning_knows_only_the_neighbours_of_a_slice():
    with pytest.raises(SynthemError, match="CONFIG_VALUE neighbours: 6"):
        thin_borders(np.ones((1, 3, 3)), neighbours=6)

import numpy as np
import pytest

from synthem.metrics.responses import FEATURES, SIGMAS_PX, eigenvalues, responses


def test_responses_are_those_of_their_definitions():
    """On a slope of 3 a pixel: a gradient of 3, no second derivative, one direction."""
    y, x = np.indices((120, 120))
    found = responses((3 * x + 20).astype(np.uint16))[:, 60, 60]
    assert found[0] == 200
    for number, _ in enumerate(SIGMAS_PX):
        smooth, laplacian, gradient, large, small, *hessian = found[1 + 7 * number : 8 + 7 * number]
        assert smooth == pytest.approx(200, rel=1e-4) and gradient == pytest.approx(3, rel=1e-3)
        assert (large, small) == (pytest.approx(9, rel=1e-3), pytest.approx(0, abs=1e-3))
        assert [laplacian, *hessian] == pytest.approx([0, 0, 0], abs=1e-3)
    # In a bowl x^2 + y^2 / 2 the second derivatives are 2 and 1.
    bowl = responses(((x - 60) ** 2 + (y - 60) ** 2 / 2).astype(np.float32))[:, 60, 60]
    for first in range(1, FEATURES, 7):
        assert bowl[[first + 1, first + 5, first + 6]] == pytest.approx([3, 2, 1], rel=1e-2)


def test_eigenvalues_are_numpys():
    yy, yx, xx = np.random.default_rng(0).normal(size=(3, 50))
    matrices = np.moveaxis(np.array([[yy, yx], [yx, xx]]), 2, 0)
    large, small = eigenvalues(yy, yx, xx)
    assert np.stack([small, large], axis=1) == pytest.approx(np.linalg.eigvalsh(matrices))

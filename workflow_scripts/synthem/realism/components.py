"""Principal components of features: the two directions along which real patches differ most."""

import numpy as np

ELLIPSE = 5.991  # the chi-square value below which 95 % of a Gaussian of two dimensions lie


class Components:
    """Fitted on real features [n, F]; others are seen in the same two directions."""

    def __init__(self, real):
        self.mean = real.mean(axis=0)
        _, singular, directions = np.linalg.svd(real - self.mean, full_matrices=False)
        largest = directions[np.arange(2), np.abs(directions[:2]).argmax(axis=1)]
        self.directions = directions[:2] * np.sign(largest)[:, None]  # the sign of a component is a choice
        self.explained = singular[:2] ** 2 / (singular**2).sum()

    def of(self, features):
        """[n, F] -> [n, 2]."""
        return (features - self.mean) @ self.directions.T


def ellipse(points):
    """(centre, width, height, degrees) of the ellipse that holds 95 % of the Gaussian of points [n, 2]."""
    values, vectors = np.linalg.eigh(np.cov(points, rowvar=False))
    width, height = 2 * np.sqrt(ELLIPSE * np.maximum(values[::-1], 0))
    degrees = np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))
    return points.mean(axis=0), float(width), float(height), float(degrees)

"""Phantom kidney: glomeruli among tubules, stained with haematoxylin and eosin."""

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from synthem.phantoms.noise import smooth_noise

# Optical density per channel (red, green, blue): haematoxylin is blue-violet, eosin pink.
HAEMATOXYLIN = np.array([0.65, 0.75, 0.35], dtype=np.float32)
EOSIN = np.array([0.10, 0.75, 0.45], dtype=np.float32)
NUCLEUS_SPACING = 7.0  # pixels


def stain_tiles(rng, shape):
    """-> image uint8 [Z, Y, X, 3] and glomeruli uint32 [Z, Y, X], numbered through all tiles."""
    images, labels, found = [], [], 0
    for _ in range(shape[0]):
        tuft, gap = place_glomeruli(rng, shape[1:])
        images.append(stain(rng, tuft, gap))
        labels.append(np.where(tuft > 0, tuft + found, 0))
        found += tuft.max()
    return np.stack(images), np.stack(labels).astype(np.uint32)


def place_glomeruli(rng, shape):
    """-> tufts int [Y, X], numbered from 1, and the bright gap around them, bool [Y, X]."""
    tuft = np.zeros(shape, dtype=int)
    gap = np.zeros(shape, dtype=bool)
    grid = np.ogrid[: shape[0], : shape[1]]
    for _ in range(1 + rng.integers(3)):
        radius = min(shape) * rng.uniform(0.14, 0.2)
        centre = rng.uniform(1.2 * radius, np.array(shape) - 1.2 * radius)
        away = np.hypot(*(g - c for g, c in zip(grid, centre, strict=True)))
        away = away * (1 + 0.06 * smooth_noise(rng, shape, (radius / 2,) * 2))
        away += 0.03 * radius * smooth_noise(rng, shape, (radius / 6,) * 2)
        if tuft[away < 1.35 * radius].any():
            continue  # overlaps an earlier one; the first always fits
        tuft[away < radius] = tuft.max() + 1
        shift = rng.normal(0, 0.05 * radius, 2)
        capsule = np.hypot(*(g - c - s for g, c, s in zip(grid, centre, shift, strict=True)))
        gap |= (away >= radius) & (capsule < 1.16 * radius)
    return tuft, gap & (tuft == 0)


def stain(rng, tuft, gap):
    """Tufts and gaps [Y, X] -> colours, uint8 [Y, X, 3]."""
    shape = tuft.shape
    eosin, lumen, crowding = tubules(rng, shape, min(shape) * 0.15)
    eosin = np.where(tuft > 0, 0.62 + 0.14 * smooth_noise(rng, shape, (2.5, 2.5)), eosin)
    lumen = np.where(tuft > 0, smooth_noise(rng, shape, (3, 3)) > 1.5, lumen) | gap
    nuclei = scatter_nuclei(rng, shape, np.where(tuft > 0, 0.85, crowding)) * ~lumen
    haematoxylin = np.where(tuft > 0, 0.2, 0.1) + nuclei + 0.05 * smooth_noise(rng, shape, (1.5, 1.5))
    tissue = ndimage.gaussian_filter((~lumen).astype(np.float32), 0.7)
    eosin = eosin * (1 - 0.5 * nuclei) + 0.04 * smooth_noise(rng, shape, (1, 1))
    strength = rng.normal(1, 0.08, 2)
    density = (
        strength[0] * (tissue * haematoxylin)[..., None] * HAEMATOXYLIN
        + strength[1] * (tissue * eosin)[..., None] * EOSIN
    )
    light = np.exp(-np.clip(density, 0, None)) * 245 + rng.normal(0, 3, (*shape, 3))
    return np.clip(np.rint(light), 0, 255).astype(np.uint8)


def tubules(rng, shape, spacing):
    """Tubules side by side: eosin float [Y, X], their open middle, bool [Y, X], and the share of nuclei."""
    number = int((shape[0] + 2 * spacing) * (shape[1] + 2 * spacing) / spacing**2)
    sites = rng.uniform(-spacing, np.array(shape) + spacing, (number, 2))
    grid = np.stack(np.mgrid[: shape[0], : shape[1]], axis=-1).astype(float)
    grid += 0.12 * spacing * np.stack([smooth_noise(rng, shape, (spacing / 2,) * 2) for _ in range(2)], -1)
    distance, tubule = cKDTree(sites).query(grid.reshape(-1, 2), k=2)
    wall = ((distance[:, 1] - distance[:, 0]) / 2).reshape(shape)
    shade = rng.normal(0.75, 0.12, number)[tubule[:, 0]].reshape(shape)
    open_share = rng.uniform(-0.1, 0.3, number)[tubule[:, 0]].reshape(shape)
    eosin = np.where(wall < 0.05 * spacing, 0.4, shade + 0.08 * smooth_noise(rng, shape, (3, 3)))
    middle = distance[:, 0].reshape(shape) + 0.06 * spacing * smooth_noise(rng, shape, (2, 2))
    # Nuclei sit at the foot of the tubule's cells, near its wall.
    crowding = np.where(wall < 0.22 * spacing, 0.65, 0.1)
    return eosin, middle < open_share * spacing, crowding


def scatter_nuclei(rng, shape, share):
    """Darkness of round nuclei, float [Y, X]; `share` [Y, X] of the possible places is taken."""
    steps = [np.arange(0, n, NUCLEUS_SPACING) for n in shape]
    places = np.stack(np.meshgrid(*steps, indexing="ij"), -1).reshape(-1, 2)
    places = places + rng.uniform(0, NUCLEUS_SPACING, places.shape)
    places = np.minimum(places, np.array(shape) - 1)
    taken = rng.random(len(places)) < share[tuple(places.astype(int).T)]
    places = places[taken]
    grid = np.stack(np.mgrid[: shape[0], : shape[1]], axis=-1).astype(float)
    # Bent coordinates: a nucleus is seldom a circle.
    grid += 1.1 * np.stack([smooth_noise(rng, shape, (3, 3)) for _ in range(2)], axis=-1)
    distance, nearest = cKDTree(places).query(grid.reshape(-1, 2))
    radius = rng.uniform(1.4, 3.0, len(places))[nearest]
    depth = rng.uniform(0.7, 1.3, len(places))[nearest]
    return (depth * np.clip(radius - distance + 0.5, 0, 1)).reshape(shape)

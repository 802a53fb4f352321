"""Where things are in a piece of phantom neural tissue: cells, membranes and mitochondria.

Everything is a function of tissue coordinates (in pixels of the section). A section that is
shifted or bent only looks up other coordinates, so image and truth move together, exactly.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from synthem.phantoms.noise import smooth_noise

MARGIN = 64  # tissue beyond the field of view, so that bent coordinates never leave it
SITE_SPACING = 31  # a cell is a group of sites this far apart: not convex, like a real one
CELL_SPACING = 66
SITE_SOFTNESS = 9.0  # how far the pull of a site reaches beyond the nearest voxels: rounds the corners
SITE_NEIGHBOURS = 6
LONER_FRACTION = 0.07  # sites that are a cell of their own: the tiniest neurites
MEMBRANE_REACH = 1.0  # membrane = the voxels on both sides of a contact, and those this far from them
MITOCHONDRION_CLEARANCE = 3.0  # between the membrane's centre and a mitochondrion
MITOCHONDRION_GAP = 6  # at least, between two of them
LEAST_SHARE = 0.8  # of a mitochondrion that must fit into its cell
FORBEARANCE = 0.98  # times the share, after each one that did not fit
LARGEST_SHARE = 0.1  # of the field's side that a mitochondrion's radius may take
SMALLEST_RADIUS = 7.0  # of a mitochondrion, where the cell is too narrow for a round one
SMALLEST_PROFILE = 12  # pixels; a cell's profile in a section that is smaller is given to the membrane


@dataclass(frozen=True)
class Tissue:
    """How one kind of tissue is built; lengths in pixels of the section."""

    neurite_step: float  # how far the cell pattern moves on from section to section
    organelle_step: float  # the same for mitochondria, which are shorter than neurites
    section_distance: float  # for distances to the membrane; large: each section for itself
    section_shift: float  # standard deviation of the misalignment of a section
    bend_sections: float  # over how many sections the tissue's bending changes
    mitochondria_fraction: float  # of each section
    mitochondrion_radius: tuple[float, float]


@dataclass(frozen=True)
class Anatomy:
    """A piece of tissue; all arrays [Z, Y, X]."""

    neurites: np.ndarray  # uint32, 0 = membrane
    mitochondria: np.ndarray  # uint32, 0 = none
    membrane: np.ndarray  # bool
    border_distance: np.ndarray  # float32, pixels to the contact of two cells
    cristae_phase: np.ndarray  # float32, pixels along the mitochondrion's short axis; 0 elsewhere


def grow(rng, shape, tissue):
    """Tissue -> Anatomy of `shape` [Z, Y, X]."""
    sections, bent = tissue_coordinates(rng, shape, tissue)
    cells = tessellate(rng, sections * tissue.neurite_step, bent)
    distance = border_distance(cells, tissue.section_distance)
    membrane = distance <= MEMBRANE_REACH
    membrane |= small_profiles(~membrane)
    neurites = renumber(np.where(membrane, 0, cells + 1))  # there is a cell number 0
    mitochondria, phase = place_mitochondria(
        rng, neurites, distance, (sections * tissue.organelle_step, *bent), tissue
    )
    return Anatomy(neurites, mitochondria, membrane, distance, phase)


def tissue_coordinates(rng, shape, tissue):
    """-> section number [Z, 1, 1] and the (y, x) tissue coordinates of every voxel, float32 [Z, Y, X]."""
    sections = np.arange(shape[0], dtype=np.float32)[:, None, None]
    bent = []
    for axis in (1, 2):
        grid = np.arange(shape[axis], dtype=np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        shift = rng.normal(0, tissue.section_shift, (shape[0], 1, 1)).astype(np.float32)
        wide = smooth_noise(rng, shape, (2 * tissue.bend_sections, 30, 30))
        narrow = smooth_noise(rng, shape, (tissue.bend_sections, 12, 12))
        bent.append(grid + shift + 11 * wide + 4 * narrow)
    return sections, bent


def tessellate(rng, depth, bent):
    """Tissue coordinates -> cell number, int64 [Z, Y, X]: every voxel goes to the cell that pulls most."""
    sites, groups = scatter_sites(rng, depth, bent)
    tree = cKDTree(sites)
    cells = np.empty(bent[0].shape, dtype=np.int64)
    for z in range(len(cells)):  # section by section, to keep the memory small
        voxels = np.stack(np.broadcast_arrays(depth[z], *(axis[z] for axis in bent)), axis=-1)
        distance, nearest = tree.query(voxels.reshape(-1, 3), k=SITE_NEIGHBOURS)
        pull = np.exp((distance[:, :1] ** 2 - distance**2) / (2 * SITE_SOFTNESS**2)).T
        group = groups[nearest].T
        total = np.stack([(pull * (group == one)).sum(axis=0) for one in group])
        strongest = np.argmax(total, axis=0)
        cells[z] = np.take_along_axis(group, strongest[None], axis=0).reshape(cells[z].shape)
    return cells


def scatter_sites(rng, depth, bent):
    """-> sites, float [N, 3] in tissue coordinates, and the cell each belongs to, int [N]."""
    lower = np.array([-MARGIN, *(axis.min() - MARGIN for axis in bent)])
    upper = np.array([depth.max() + MARGIN, *(axis.max() + MARGIN for axis in bent)])
    volume = np.prod(upper - lower)
    sites = rng.uniform(lower, upper, (int(volume / SITE_SPACING**3), 3))
    parents = rng.uniform(lower, upper, (int(volume / CELL_SPACING**3) + 1, 3))
    # A parent's power decides how many sites it takes: neurites from thick to thin.
    power = rng.uniform(0, 0.9 * CELL_SPACING, len(parents)) ** 2
    squared = sum((sites[:, None, axis] - parents[None, :, axis]) ** 2 for axis in range(3))
    groups = np.argmin(squared - power, axis=1)
    loner = rng.random(len(sites)) < LONER_FRACTION
    groups[loner] = len(parents) + np.flatnonzero(loner)
    return sites, groups


def border_distance(cells, section_distance):
    """Distance to the nearest voxel that touches another cell, float32 [Z, Y, X]."""
    touching = np.zeros(cells.shape, dtype=bool)
    for axis in (0, 1, 2):
        if axis == 0 and section_distance > 1:
            continue  # thick sections: what lies in the next one does not touch
        before = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
        after = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        differs = cells[before] != cells[after]
        touching[before] |= differs
        touching[after] |= differs
    return ndimage.distance_transform_edt(~touching, sampling=(section_distance, 1, 1)).astype(np.float32)


def small_profiles(inside):
    """-> bool [Z, Y, X]: the parts of `inside` that are too small in their section to be a cell."""
    in_section = np.zeros((3, 3, 3), dtype=bool)
    in_section[1] = ndimage.generate_binary_structure(2, 1)
    profiles, _ = ndimage.label(inside, structure=in_section)
    return inside & (np.bincount(profiles.ravel()) < SMALLEST_PROFILE)[profiles]


def renumber(labels):
    """Labels with holes -> uint32 labels 0, 1..n without; 0 stays 0."""
    present = np.bincount(labels.ravel()) > 0
    present[0] = False
    return np.where(present, np.cumsum(present), 0).astype(np.uint32)[labels]


def place_mitochondria(rng, neurites, distance, coordinates, tissue):
    """-> (uint32 instances, float32 cristae phase) [Z, Y, X]; each instance inside one neurite.

    The next mitochondrion always starts in the section that has the fewest voxels of them, so
    that any block of sections has its share.
    """
    depth, height, width = neurites.shape
    instances = np.zeros(neurites.shape, dtype=np.uint32)
    phase = np.zeros(neurites.shape, dtype=np.float32)
    free = (neurites > 0) & (distance > MITOCHONDRION_CLEARANCE)
    wanted = tissue.mitochondria_fraction * height * width
    filled = np.zeros(depth)
    count = failures = 0
    for _ in range(40 * depth + neurites.size // 2500):
        z = int(np.argmin(filled))
        if filled[z] >= wanted:
            break
        if not free[z].any():
            filled[z] += wanted
            continue
        centre = (z, *roomy_voxel(rng, free[z], distance[z]))
        box, whole, across = sausage(rng, centre, distance, coordinates, tissue)
        inside = fitted(whole, centre, box, free, neurites, tissue)
        # A mitochondrion that its surroundings cut to a rag is refused, less strictly where few fit.
        if inside.sum() < LEAST_SHARE * FORBEARANCE**failures * whole.sum():
            failures += 1
            filled[z] += 0.05 * wanted  # other sections have their turn
            continue
        count, failures = count + 1, 0
        instances[box][inside] = count
        phase[box][inside] = across[inside]
        free[box] &= ~ndimage.binary_dilation(inside, iterations=MITOCHONDRION_GAP)
        filled[box[0]] += inside.sum(axis=(1, 2))
    return instances, phase


def roomy_voxel(rng, free, distance):
    """-> (y, x) of a free voxel far from the membrane."""
    drawn = rng.choice(np.flatnonzero(free), 25)
    return np.unravel_index(drawn[np.argmax(distance.ravel()[drawn])], free.shape)


def sausage(rng, centre, distance, coordinates, tissue):
    """A mitochondrion of random size and direction, if nothing were in its way.

    -> its box (slices), the voxels inside (bool) and their position along a short axis (float32).
    """
    room = min(float(distance[centre]) - MITOCHONDRION_CLEARANCE, LARGEST_SHARE * min(distance.shape[1:]))
    radius = min(rng.uniform(*tissue.mitochondrion_radius), max(room, SMALLEST_RADIUS))
    length = radius * rng.uniform(1.1, 1.9)
    along, across = random_axes(rng)
    # Twice the length, as bent coordinates can be stretched.
    reach = (int(length / tissue.organelle_step) + 1, int(2 * length) + 2, int(2 * length) + 2)
    box = tuple(
        slice(max(0, c - r), min(n, c + r + 1)) for c, r, n in zip(centre, reach, distance.shape, strict=True)
    )
    fields = [np.broadcast_to(field, distance.shape) for field in coordinates]
    offsets = [field[box] - field[centre] for field in fields]
    lengthwise = sum(a * o for a, o in zip(along, offsets, strict=True))
    sideways = sum(a * o for a, o in zip(across, offsets, strict=True))
    squared = sum(o * o for o in offsets) - lengthwise**2
    return box, squared / radius**2 + np.abs(lengthwise / length) ** 3 < 1, sideways


def fitted(whole, centre, box, free, neurites, tissue):
    """The part of the sausage `whole` that lies in the free room of its cell, in one piece; bool."""
    inside = whole & free[box] & (neurites[box] == neurites[centre])
    # Where it was cut along the membrane it has edges; a mitochondrion is round.
    rounding = (3 / tissue.organelle_step, 3, 3)
    inside &= ndimage.gaussian_filter(inside.astype(np.float32), rounding) > 0.5
    parts, _ = ndimage.label(inside)
    middle = parts[tuple(c - s.start for c, s in zip(centre, box, strict=True))]
    return (parts == middle) & (middle > 0)


def random_axes(rng):
    """Two orthogonal unit vectors (z, y, x)."""
    along, other = rng.normal(size=(2, 3))
    along /= np.sqrt((along**2).sum())
    other -= (other * along).sum() * along
    return along, other / np.sqrt((other**2).sum())

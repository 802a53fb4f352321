"""What a microscope makes of an Anatomy: grey levels, organelles too small for the truth, noise."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from synthem.phantoms.noise import smooth_noise


@dataclass(frozen=True)
class Look:
    """How one kind of microscope shows tissue; grey levels from 0 to 1, lengths in pixels."""

    isotropic: bool  # small organelles are balls that go on in z; otherwise each section has its own
    cytoplasm: tuple[float, float]  # mean and standard deviation over cells
    grain: float  # fine texture of the cytoplasm
    membrane: float  # grey level
    membrane_width: float
    leaflet_gap: float  # half the distance of the two dark lines of a contact
    matrix: tuple[float, float]  # mitochondria: mean and standard deviation over instances
    cristae: float  # contrast
    rim: float  # how much darker the mitochondrion's own membrane is
    cristae_spacing: float
    vesicles_per_kilopixel: float
    vesicle_contrast: float
    bodies_per_megavoxel: float  # dark bodies: lysosomes and the like
    blur: tuple[float, float]  # lowest and highest over the sections
    contrast_spread: float  # of the sections
    noise: float
    noise_scale: float  # 0: every pixel for itself


def paint(rng, anatomy, look):
    """Anatomy -> image, uint8 [Z, Y, X]."""
    grey = cytoplasm(rng, anatomy, look)
    room = np.clip((anatomy.border_distance - 2.5) / 2, 0, 1)  # organelles keep away from the membrane
    grey -= room * organelles(rng, anatomy, look)
    grey += contact_profile(anatomy, look) * (look.membrane - grey)
    grey -= densities(rng, anatomy, look)
    grey = paint_mitochondria(rng, anatomy, look, grey)
    return expose(rng, grey, look)


def per_instance(rng, labels, mean, spread):
    """A random level for each label, float32 of the labels' shape."""
    return rng.normal(mean, spread, int(labels.max()) + 1).astype(np.float32)[labels]


def cytoplasm(rng, anatomy, look):
    """Every cell a little different, clouded and grainy: float32 [Z, Y, X]."""
    shape = anatomy.neurites.shape
    z = 2.0 if look.isotropic else 0
    grey = per_instance(rng, anatomy.neurites, *look.cytoplasm)
    grey += 0.6 * look.grain * smooth_noise(rng, shape, (3 * z, 7, 7))
    # Ribosomes and filaments: more dark specks than light ones.
    specks = smooth_noise(rng, shape, (z, 1.6, 1.6))
    return grey - look.grain * (0.8 * specks + 0.25 * np.maximum(specks, 0) ** 2 - 0.12)


def organelles(rng, anatomy, look):
    """Darkness of vesicles, microtubules, reticulum and dark bodies, float32 [Z, Y, X]."""
    shape = anatomy.neurites.shape
    z = 3.0 if look.isotropic else 0.7
    # Vesicles crowd where a slow field is high; a few lie anywhere.
    crowd = smooth_noise(rng, shape, (5 * z, 16, 16)) > 0.6
    # A sphere shows in about ten slices, a circle in one section.
    number = int(look.vesicles_per_kilopixel * crowd.size / 1000 / (10 if look.isotropic else 1))
    centres = rng.uniform(0, shape, (number, 3))
    kept = crowd[tuple(centres.astype(int).T)] | (rng.random(number) < 0.25)
    centres = centres[kept]
    dark = look.vesicle_contrast * stamp_shells(
        shape, centres, rng.uniform(2.2, 3.8, len(centres)), look.isotropic
    )
    # Reticulum: where one field crosses zero, as far as another allows; thin winding lines.
    sheet = smooth_noise(rng, shape, (2 * z, 7, 7))
    allowed = np.clip(smooth_noise(rng, shape, (4 * z, 18, 18)) - 0.5, 0, 1)
    dark += 0.25 * allowed * (np.exp(-((np.abs(sheet) - 0.3) ** 2) / 0.01) - 0.5 * (np.abs(sheet) < 0.2))
    return dark + bodies(rng, shape, look)


def bodies(rng, shape, look):
    """Darkness of solid dark bodies, as dark as mitochondria but smaller and plain; float32 [Z, Y, X]."""
    number = rng.poisson(look.bodies_per_megavoxel * np.prod(shape) / 1e6) + 1
    thickness = 1 if look.isotropic else 3
    dark = np.zeros(shape, dtype=np.float32)
    for centre, radius in zip(rng.uniform(0, shape, (number, 3)), rng.uniform(2.5, 5, number), strict=True):
        offsets, box = nearby(shape, centre, (int(radius / thickness) + 2, int(radius) + 3, int(radius) + 3))
        steps = (thickness * offsets[0], offsets[1], offsets[2])
        distance = np.sqrt(sum(s * s for s in steps))
        dark[box] = np.maximum(dark[box], rng.uniform(0.2, 0.4) * np.clip(radius - distance, 0, 1.5) / 1.5)
    return dark


def nearby(shape, centre, reach):
    """-> offsets from `centre` (z, y, x open grids) and the box (slices) of the voxels within `reach`."""
    box = tuple(
        slice(max(0, int(c) - r), min(n, int(c) + r + 1))
        for c, r, n in zip(centre, reach, shape, strict=True)
    )
    grids = np.ogrid[box]
    return [grid - c for grid, c in zip(grids, centre, strict=True)], box


def stamp_shells(shape, centres, radii, isotropic):
    """Round membranes, dark rim and light inside, at `centres` [N, 3]; float32 [Z, Y, X], rim about 0.3.

    isotropic: spheres; otherwise circles in the one section that holds the centre.
    """
    reach = 5
    depth = reach if isotropic else 0
    padded = np.zeros([n + 2 * r for n, r in zip(shape, (depth, reach, reach), strict=True)], np.float32)
    steps = np.stack(
        np.meshgrid(np.arange(-depth, depth + 1), *[np.arange(-reach, reach + 1)] * 2, indexing="ij"), axis=-1
    ).reshape(-1, 3)
    voxels = centres.astype(int)
    inside_voxel = (centres - voxels - 0.5) * (isotropic, 1, 1)
    # One step of the stencil at a time: all shells at once, without a loop over thousands of them.
    for step in steps:
        distance = np.sqrt(((step - inside_voxel) ** 2).sum(axis=1))
        rim = 0.3 * np.exp(-(((distance - radii) / 0.9) ** 2)) - 0.03 * (distance < radii - 1)
        index = voxels + step + (depth, reach, reach)
        np.add.at(padded, tuple(index.T), rim.astype(np.float32))
    window = tuple(slice(r, r + n) for n, r in zip(shape, (depth, reach, reach), strict=True))
    return np.clip(padded[window], -0.05, 0.35)


def contact_profile(anatomy, look):
    """How much of the membrane's grey a voxel has, from 0 to 1, float32 [Z, Y, X].

    Two dark lines where the contact stands upright in the section; one broad, pale band where
    it is oblique, because the section's thickness smears it.
    """
    distance = ndimage.gaussian_filter(anatomy.border_distance, (0, 0.7, 0.7))
    width = look.membrane_width
    strength = 0.95
    if not look.isotropic:
        smear = obliqueness(anatomy.border_distance)
        width = width + 0.2 * smear
        strength = 1 / (1 + 0.12 * smear)
    return strength * np.exp(-(((distance - look.leaflet_gap) / width) ** 2) / 2)


def obliqueness(distance):
    """How far a contact moves from section to section, pixels, near the contact; float32 [Z, Y, X]."""
    touching = (distance == 0).astype(np.float32)
    moved = np.zeros_like(distance)
    moved[1:] += distance[:-1]
    moved[:-1] += distance[1:]
    moved[1:-1] /= 2
    moved = np.minimum(moved, 12)
    around = (0, 3, 3)
    return ndimage.gaussian_filter(moved * touching, around) / (
        ndimage.gaussian_filter(touching, around) + 1e-3
    )


def densities(rng, anatomy, look):
    """Darkness of synapses: thick, fuzzy stretches of membrane, float32 [Z, Y, X]."""
    z = 6.0 if look.isotropic else 1.0
    place = np.clip(smooth_noise(rng, anatomy.neurites.shape, (z, 8, 8)) - 1.5, 0, 1)
    contrast = look.cytoplasm[0] - look.membrane
    return 0.45 * contrast * place * np.exp(-((anatomy.border_distance / 4.5) ** 2))


def paint_mitochondria(rng, anatomy, look, grey):
    """`grey` with the mitochondria drawn over it: dark rim, dark matrix, lighter cristae."""
    inside = anatomy.mitochondria > 0
    sampling = (1 if look.isotropic else 4, 1, 1)
    depth = ndimage.distance_transform_edt(inside, sampling=sampling).astype(np.float32)
    wobble = smooth_noise(rng, grey.shape, (6.0 if look.isotropic else 1.5, 5, 5))
    folds = np.sin(2 * np.pi * anatomy.cristae_phase / look.cristae_spacing + 2.0 * wobble)
    matrix = per_instance(rng, anatomy.mitochondria, *look.matrix)
    body = matrix + look.cristae * folds * np.clip((depth - 2) / 2, 0, 1)
    body += 0.5 * look.grain * smooth_noise(rng, grey.shape, (2.0 if look.isotropic else 0, 1.2, 1.2))
    body -= look.rim * np.exp(-(((depth - 1) / 1.2) ** 2))
    cover = ndimage.gaussian_filter(inside.astype(np.float32), (0.5 if look.isotropic else 0, 0.6, 0.6))
    return grey + cover * (body - grey)


def expose(rng, grey, look):
    """Light, contrast, focus and noise of every section: grey levels -> uint8 [Z, Y, X]."""
    depth = len(grey)
    blur = rng.uniform(*look.blur, depth)
    gain = rng.normal(1, look.contrast_spread, depth)
    offset = rng.normal(0, look.contrast_spread / 4, depth)
    slow = 40.0 if look.isotropic else 0
    light = 2 * look.contrast_spread * smooth_noise(rng, grey.shape, (slow, 90, 90)) / 4
    for z in range(depth):
        section = ndimage.gaussian_filter(grey[z], blur[z])
        grey[z] = 0.5 + gain[z] * (section - 0.5) + offset[z]
    grey += light + look.noise * smooth_noise(rng, grey.shape, (0, look.noise_scale, look.noise_scale))
    return np.clip(np.rint(255 * grey), 0, 255).astype(np.uint8)

"""Phantoms: made-up images with complete truth, for demos and tests that may not ship real data."""

from dataclasses import dataclass

import numpy as np

from synthem.errors import SynthemError
from synthem.phantoms.anatomy import Tissue, grow
from synthem.phantoms.histology import stain_tiles
from synthem.phantoms.texture import Look, paint


@dataclass(frozen=True)
class Phantom:
    """An image and everything that is true about it.

    neurites == 0 exactly where membrane == 1; a mitochondrion lies inside one neurite.
    """

    image: np.ndarray  # uint8 [Z, Y, X]; glomeruli: uint8 [Z, Y, X, 3], Z = number of tiles
    masks: dict[str, np.ndarray]  # name -> uint8 {0, 1} [Z, Y, X]
    labels: dict[str, np.ndarray]  # name -> uint32 [Z, Y, X], 0 = none; ids 1..n without holes
    voxel_size_nm: tuple[float, float, float]


LARVA_TISSUE = Tissue(
    neurite_step=1.8,
    organelle_step=2.5,
    section_distance=1000.0,
    section_shift=2.2,
    bend_sections=3.0,
    mitochondria_fraction=0.07,
    mitochondrion_radius=(8, 15),
)
LARVA_LOOK = Look(
    isotropic=False,
    cytoplasm=(0.64, 0.06),
    grain=0.085,
    membrane=0.17,
    membrane_width=0.8,
    leaflet_gap=1.1,
    matrix=(0.34, 0.04),
    cristae=0.10,
    rim=0.18,
    cristae_spacing=5.0,
    vesicles_per_kilopixel=9.0,
    vesicle_contrast=0.9,
    bodies_per_megavoxel=60.0,
    blur=(0.5, 1.0),
    contrast_spread=0.1,
    noise=0.07,
    noise_scale=0.6,
)
HIPPOCAMPUS_TISSUE = Tissue(
    neurite_step=0.4,
    organelle_step=1.0,
    section_distance=1.0,
    section_shift=0.15,
    bend_sections=12.0,
    mitochondria_fraction=0.07,
    mitochondrion_radius=(9, 15),
)
HIPPOCAMPUS_LOOK = Look(
    isotropic=True,
    cytoplasm=(0.68, 0.04),
    grain=0.05,
    membrane=0.365,
    membrane_width=1.4,
    leaflet_gap=0.2,
    matrix=(0.38, 0.015),
    cristae=0.06,
    rim=0.05,
    cristae_spacing=7.0,
    vesicles_per_kilopixel=14.0,
    vesicle_contrast=1.0,
    bodies_per_megavoxel=10.0,
    blur=(1.1, 1.2),
    contrast_spread=0.02,
    noise=0.037,
    noise_scale=0.0,
)


def make_phantom(*, kind: str, shape: tuple[int, int, int], seed: int) -> Phantom:
    """A phantom of one of KINDS and `shape` [Z, Y, X]; the same seed gives the same bytes."""
    if kind not in KINDS:
        raise SynthemError(
            "CONFIG_VALUE", "phantom kind", repr(kind), expected=" or ".join(KINDS), fix="correct the kind"
        )
    if len(shape) != 3 or min(shape[1:]) < 64 or shape[0] < 1:
        raise SynthemError(
            "CONFIG_VALUE",
            "phantom shape",
            list(shape),
            expected="[Z, Y, X] of at least [1, 64, 64]",
            fix="give a larger shape",
        )
    return KINDS[kind](np.random.default_rng(seed), tuple(shape))


def larva(rng, shape):
    """Thin sections of an insect's nerve cord, seen in transmission: anisotropic, rich in contrast."""
    return photograph(rng, grow(rng, shape, LARVA_TISSUE), LARVA_LOOK, voxel_size_nm=(50.0, 5.0, 5.0))


def hippocampus(rng, shape):
    """A mammal's hippocampus, milled slice by slice: isotropic, soft, sections nearly equal."""
    anatomy = grow(rng, shape, HIPPOCAMPUS_TISSUE)
    return photograph(rng, anatomy, HIPPOCAMPUS_LOOK, voxel_size_nm=(5.0, 5.0, 5.0))


def photograph(rng, anatomy, look, *, voxel_size_nm):
    """Anatomy -> Phantom."""
    return Phantom(
        image=paint(rng, anatomy, look),
        masks={
            "mitochondria": (anatomy.mitochondria > 0).astype(np.uint8),
            "membrane": anatomy.membrane.astype(np.uint8),
        },
        labels={"neurites": anatomy.neurites, "mitochondria": anatomy.mitochondria},
        voxel_size_nm=voxel_size_nm,
    )


def glomeruli(rng, shape):
    """Stained sections of a kidney in colour; the tiles have nothing to do with each other."""
    image, labels = stain_tiles(rng, shape)
    return Phantom(
        image=image,
        masks={"glomeruli": (labels > 0).astype(np.uint8)},
        labels={"glomeruli": labels},
        voxel_size_nm=(1000.0, 500.0, 500.0),
    )


# The one place that turns the config's word into a phantom.
KINDS = {"larva": larva, "hippocampus": hippocampus, "glomeruli": glomeruli}

"""How large a stack may be of which surfaces are made: asked before anything is trained for it, too."""

from synthem.errors import SynthemError

MOST_VOXELS = 2**27  # of an array: it and the triangles lie in memory, and few programs open more


def refuse_large_mesh(voxels, where):
    """An error where a stack of so many voxels is to become a mesh; where: the keys that ask for it."""
    if voxels > MOST_VOXELS:
        raise SynthemError(
            "DATA_TOO_LARGE",
            where,
            f"a mesh of {voxels} voxels",
            expected=f"at most {MOST_VOXELS}",
            fix="take `mesh` out; of a volume, `resize` makes the slices smaller",
        )

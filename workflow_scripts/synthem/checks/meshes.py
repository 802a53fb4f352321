"""Whether segmentations that shall become meshes are small enough, before networks are trained for them."""

from math import prod

from synthem.checks.findings import naming
from synthem.exports.mesh_size import refuse_large_mesh
from synthem.storage.splits import slice_numbers


def refuse_large_meshes(checked, meshes):
    """An error of each volume or whole stack whose test block, all of a stack, has too many voxels.

    checked {name: Checked}; meshes: pairs (name, the key of the config that asks for its mesh).
    """
    for name, key in meshes:
        volume = checked[name]
        if "test" in volume.blocks and volume.resizing:
            finding = volume.findings["", "image"]
            with finding.catching(), naming(name):
                refuse_large_mesh(len(slice_numbers(volume.blocks["test"])) * prod(volume.resizing.size), key)

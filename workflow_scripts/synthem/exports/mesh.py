"""The surfaces of instances as triangles in nm, for programs that show bodies: binary PLY."""

from functools import reduce
from math import prod

import numpy as np
from scipy import ndimage
from skimage.measure import marching_cubes

from synthem.exports.mesh_size import refuse_large_mesh
from synthem.exports.planes import planes

VERTEX = np.dtype([("place", "<f4", 3), ("colour", "u1", 3)])
FACE = np.dtype([("corners", "u1"), ("vertices", "<i4", 3), ("instance", "<u4")])
# Okabe-Ito, one after the other: neighbours have mostly numbers that are not the same modulo 7.
COLOURS = np.array(
    [
        [230, 159, 0],
        [86, 180, 233],
        [0, 158, 115],
        [240, 228, 66],
        [0, 114, 178],
        [213, 94, 0],
        [204, 121, 167],
    ],
    np.uint8,
)
HEADER = """ply
format binary_little_endian 1.0
comment unit nm, the centre of a voxel is its place
element vertex {vertices}
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
element face {faces}
property list uchar int vertex_indices
property uint instance
end_header
"""


def write_mesh(root, volume):
    """<name>.ply for all labels, and for masks that have no labels of their name, each as one body.

    Every instance is closed, where the volume cuts it and where it touches another, too; faces have its id.
    """
    refuse_large_mesh(prod(volume.shape[:3]), "exports.formats or apply.formats")
    names = {name: f"{group}/{name}" for group in ("masks", "labels") for name in volume.names(group)}
    for name, array in names.items():
        ids, stack = _numbered(volume, array)
        size, offset = np.array(volume.facts.voxel_size_nm), np.array(volume.facts.offset_nm)
        vertices, faces = surfaces(stack, ids, voxel_size_nm=size, offset_nm=offset)
        with (root / f"{name}.ply").open("wb") as file:
            file.write(HEADER.format(vertices=len(vertices), faces=len(faces)).encode())
            file.write(vertices.tobytes())
            file.write(faces.tobytes())


def surfaces(stack, ids, *, voxel_size_nm, offset_nm):
    """Numbers [z, y, x], 0 = none, of the instances `ids` -> vertices (VERTEX) in nm and triangles (FACE)."""
    vertices, faces, before = [np.empty(0, VERTEX)], [np.empty(0, FACE)], 0
    for number, box in enumerate(ndimage.find_objects(stack), 1):
        corner = np.array([side.start for side in box])
        # A voxel of nothing all around closes the surface.
        body = np.pad(stack[box] == number, 1)
        places, triangles, *_ = marching_cubes(body, 0.5)
        own = np.empty(len(places), VERTEX)
        own["place"] = ((places + corner - 1) * voxel_size_nm + offset_nm)[:, ::-1]  # x, y, z
        own["colour"] = COLOURS[number % len(COLOURS)]
        sides = np.empty(len(triangles), FACE)
        # Its triangles face inwards in z, y, x; in x, y, z, the mirror image, they face outwards.
        sides["corners"], sides["vertices"] = 3, triangles + before
        sides["instance"] = ids[number]
        vertices.append(own)
        faces.append(sides)
        before += len(own)
    return np.concatenate(vertices), np.concatenate(faces)


def _numbered(volume, array):
    """The ids of an array, 0 first, and the array with their places instead: ids may be any 32 bits."""
    ids = reduce(np.union1d, (np.unique(plane) for plane in planes(volume, array)), np.zeros(1, np.uint32))
    stack = np.empty(volume.shape[:3], np.int32)
    for z, plane in enumerate(planes(volume, array)):
        stack[z] = np.searchsorted(ids, plane)
    return ids, stack

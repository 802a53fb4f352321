import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.exports import mesh_size
from tests.shared.exported_volumes import PLAIN, exported, make_volume, noise

VERTEX = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("red", "u1"), ("green", "u1"), ("blue", "u1")])
FACE = np.dtype([("n", "u1"), ("vertex", "<i4", 3), ("instance", "<u4")])


def read_ply(path):
    """Places [n, (x, y, z)], triangles [m, 3] and their instances, as the header announces them."""
    header, body = path.read_bytes().split(b"end_header\n", 1)
    assert header.startswith(b"ply\nformat binary_little_endian 1.0\n")
    names = [line.split()[-1] for line in header.decode().splitlines() if line.startswith("property")]
    assert names == [*VERTEX.names, "vertex_indices", "instance"]
    count, faces = (int(n) for n in re.findall(rb"element \w+ (\d+)", header))
    assert len(body) == count * VERTEX.itemsize + faces * FACE.itemsize
    corners = np.frombuffer(body, VERTEX, count)
    sides = np.frombuffer(body, FACE, faces, count * VERTEX.itemsize)
    assert (sides["n"] == 3).all()
    return (
        np.stack([corners[axis] for axis in "xyz"], axis=1).astype(float),
        sides["vertex"],
        sides["instance"],
    )


def signed_volume(places, triangles):
    """By the theorem of Gauss: positive where corners go round anticlockwise, seen from outside."""
    a, b, c = (places[triangles[:, corner]] for corner in range(3))
    return (a * np.cross(b, c)).sum() / 6


def edges(triangles):
    """How often each edge is walked along, from corner to corner."""
    return Counter((int(t[i]), int(t[(i + 1) % 3])) for t in triangles for i in range(3))


def meshed(folder, labels, **facts):
    volume = replace(make_volume(labels.shape, **facts), **PLAIN | {"labels": {"cells": labels}})
    return exported(folder, volume, "mesh") / "cells.ply"


def ball(shape, centre, radius, size):
    """True within `radius` nm of a voxel."""
    places = [(np.arange(n) - c) * s for n, c, s in zip(shape, centre, size, strict=True)]
    return sum(np.square(axis) for axis in np.ix_(*places)) <= radius**2


def test_a_ball_in_an_anisotropic_volume_has_its_volume_its_place_and_no_hole(tmp_path):
    size, radius = (40.0, 8.0, 10.0), 400.0
    labels = 7 * ball((30, 120, 100), (14, 60, 48), radius, size).astype(np.uint32)
    path = meshed(tmp_path, labels, voxel_size_nm=size, offset_nm=(1000.0, 0.0, -50.0))
    places, triangles, instances = read_ply(path)
    assert signed_volume(places, triangles) == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.03)
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    np.testing.assert_allclose(middle, (48 * 10 - 50, 60 * 8, 14 * 40 + 1000), atol=1e-3)
    walked = edges(triangles)
    assert all(walked[there, here] == times == 1 for (here, there), times in walked.items())
    assert set(instances) == {7}


def test_what_the_volume_cuts_is_closed_and_so_are_two_that_touch(tmp_path):
    """Two boxes of 4 x 5 x 3 voxels fill it: each ends half a voxel beyond its outermost voxels."""
    labels = np.full((4, 5, 6), 4_000_000_000, np.uint32)
    labels[:, :, 3:] = 12
    places, triangles, instances = read_ply(meshed(tmp_path, labels, voxel_size_nm=(1, 1, 1)))
    walked = edges(triangles)
    assert all(walked[there, here] == times == 1 for (here, there), times in walked.items())
    for number, low, high in ((12, 2.5, 5.5), (4_000_000_000, -0.5, 2.5)):
        own = triangles[instances == number]
        assert (places[own, 0].min(), places[own, 0].max()) == (low, high)
        assert 40 < signed_volume(places, own) < 60  # edges and corners are bevelled


def test_noise_has_no_hole_either(tmp_path):
    labels = (noise((9, 10, 11)) > 128).astype(np.uint32)
    walked = edges(read_ply(meshed(tmp_path, labels))[1])
    assert all(walked[there, here] == times for (here, there), times in walked.items())


def test_the_truth_of_a_mask_alone_is_one_body_and_nothing_is_an_empty_file(tmp_path):
    mask = np.zeros((3, 7, 5), np.uint8)
    volume = replace(make_volume(), **PLAIN | {"masks": {"cells": mask, "mito": mask + 1}})
    volume = replace(volume, labels={"cells": mask.astype(np.uint32)})
    folder = exported(tmp_path, volume, "mesh")
    assert sorted(path.name for path in folder.iterdir()) == ["cells.ply", "mito.ply"]
    assert len(read_ply(folder / "cells.ply")[1]) == 0
    assert set(read_ply(folder / "mito.ply")[2]) == {1}


def test_a_volume_that_no_program_would_open_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(mesh_size, "MOST_VOXELS", 104)
    with pytest.raises(
        SynthemError, match=r"^ERROR DATA_TOO_LARGE exports.formats or apply.formats: a mesh of 105 voxels"
    ):
        exported(tmp_path, make_volume(), "mesh")

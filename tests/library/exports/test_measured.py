"""What people do next: count objects of a segmentation and measure them, by lines of docs/output.md."""

import re

import numpy as np
import pytest

from synthem.watershed.segmentations import write_segmentation
from tests.shared.project import PROJECT


def test_the_documented_lines_count_objects_and_measure_them(tmp_path, monkeypatch):
    labels = np.zeros((6, 9, 12), np.uint32)
    labels[1:3, 2:5, 3:7] = 8  # 2 x 3 x 4 voxels inside
    labels[4:, 6:8, 9:11] = 900  # 2 x 2 x 2, cut by the last face
    folder = tmp_path / "results/apply/whole/real"
    folder.mkdir(parents=True)
    voxel = (50.0, 4.0, 5.0)  # 1000 nm^3, a millionth of a cubic micrometre
    write_segmentation(folder / "segmentation.h5", labels, labels, threshold=None, voxel_size_nm=voxel)
    page = (PROJECT / "docs/output.md").read_text()
    (lines,) = [
        lines for lines in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "volumes_um3" in lines
    ]
    monkeypatch.chdir(tmp_path)
    found = {}
    exec(lines, found)
    assert found["numbers"].tolist() == [8, 900] and found["is_cut"].tolist() == [False, True]
    assert found["volumes_um3"].tolist() == pytest.approx([24e-6, 8e-6])

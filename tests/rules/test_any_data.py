"""Data as people have it: public sets through their presets, odd names, every format out, downloads."""

import json
import os
import shutil

import h5py
import numpy as np
import pytest
import tifffile
import yaml

from tests.shared.nano_workflow import jobs_in
from tests.shared.project import PROJECT, PUBLIC_DATA

ODD_NAMES = (
    "my stack.tif",
    "Ωµ é.tif",
    'it\'s "quoted".tif',
    "$(touch executed).tif",
    "`touch executed`;touch executed.tif",
    "-rf.tif",
    "two\nlines.tif",
    "{volume}.tif",
)


def table_of(workflow):
    """{(volume, part): row} of the data check."""
    rows = json.loads((workflow.folder / "results/checks/volumes.json").read_text())
    return {(row["volume"], row["part"]): row for row in rows}


@pytest.mark.parametrize(
    ("preset", "part", "shape", "words"),
    [
        ("lucchi", ("lucchi", "test/masks/mitochondria"), "8 x 768 x 1024", "10.0% of the voxels"),
        ("vnc", ("vnc", "masks/membrane"), "20 x 1024 x 1024", "20.4% of the voxels"),
        ("isbi2012", ("isbi2012", "masks/membrane"), "30 x 512 x 512", "22.0% of the voxels"),
    ],
)
def test_the_preset_of_a_public_set_passes_the_check_on_the_real_files(project, preset, part, shape, words):
    if not PUBLIC_DATA.is_dir():
        pytest.skip("the public data sets are not on this machine")
    shutil.copytree(PROJECT / "presets", project.folder / "presets", dirs_exist_ok=True)
    (project.folder / "data").symlink_to(PUBLIC_DATA)
    done = project.run("check", config=f"presets/{preset}.yaml")
    assert done.returncode == 0, done.stdout
    row = table_of(project)[part]
    assert row["shape"] == shape and words in row["found"] and not row["problem"]
    assert f"data/{preset}/" in (project.folder / "results/checks/hierarchy.txt").read_text()


def test_names_of_every_kind_are_read_and_nothing_in_them_is_executed(project):
    planes = np.random.default_rng(0).integers(0, 255, (len(ODD_NAMES), 40, 50), np.uint8)
    folder = project.folder / "-in $(touch executed) {volume}"
    folder.mkdir()
    for plane, name in zip(planes, ODD_NAMES, strict=True):
        tifffile.imwrite(folder / name, plane)
    mask = "'; touch executed; {seed}.tif"
    tifffile.imwrite(project.folder / mask, np.where(planes > 200, 255, 0).astype(np.uint8))
    write_config(project, own_volume(folder.name, masks={"mitochondria": mask}))
    done = project.run("results/volumes/own/volume.h5", "results/checks/hierarchy.txt", config="own.yaml")
    assert done.returncode == 0, done.stdout
    with h5py.File(project.folder / "results/volumes/own/volume.h5") as volume:
        assert {plane.tobytes() for plane in volume["image"]} == {plane.tobytes() for plane in planes}
    assert not list(project.folder.rglob("executed"))
    listing = (project.folder / "results/checks/hierarchy.txt").read_text()
    assert "$(touch executed).tif" in listing and "\ntwo" not in listing


def own_volume(image, **others):
    return {"image": image, "voxel_size_nm": [5, 5, 5]} | others


def write_config(project, volume):
    """own.yaml: the nano config with another target, `own`."""
    config = yaml.safe_load((project.folder / "tests/nano/config.yaml").read_text())
    config |= {"targets": ["own"], "volumes": {"own": volume}}
    (project.folder / "own.yaml").write_text(yaml.safe_dump(config))


def test_a_volume_leaves_in_every_format_and_comes_back_from_each_stack(small):
    formats = ["png", "png16", "pairs", "fiji", "napari", "cremi", "zarr", "nnunet", "mesh"]
    exports = f"exports: {{formats: {formats}, pair_size: 48}}"
    small.edit("tests/nano/config.yaml", "unets:", f"{exports}\n\nunets:")
    done = small.run("volumes", "segmentations")
    assert done.returncode == 0, done.stdout
    root = small.folder / "results/exports/hippocampus"
    assert {path.name for path in (root / "volume").iterdir()} == set(formats) - {"mesh"}
    segmented = root / "mixed/budget-all/replicate-1/seed-1"
    assert {path.name for path in segmented.iterdir()} == {"fiji", "napari", "cremi", "zarr", "mesh"}
    with h5py.File(small.folder / "results/volumes/hippocampus/volume.h5") as volume:
        image = volume["image"][:]
        first, end = json.loads(volume.attrs["blocks"])["test"][0]
    np.testing.assert_array_equal(tifffile.imread(root / "volume/fiji/image.tif"), image)
    with h5py.File(root / "volume/cremi/volume.hdf") as cremi:
        np.testing.assert_array_equal(cremi["volumes/raw"], image)
        assert cremi["volumes/raw"].attrs["resolution"].tolist() == [5, 5, 5]
    np.testing.assert_array_equal(tifffile.imread(segmented / "fiji/image.tif"), image[first:end])
    with np.load(root / "volume/pairs/pairs.npz") as pairs:
        assert pairs["image"].shape == pairs["mask_mitochondria"].shape == (14, 48, 48)
        assert set(np.unique(pairs["mask_mitochondria"])) == {0, 1}


def test_the_same_slices_given_as_test_data_of_their_own_are_refused(project):
    data = "tests/nano/data"
    shutil.copytree(project.folder / data / "image", project.folder / "copy")
    shutil.copy(project.folder / data / "mitochondria.tif", project.folder / "other name.tif")
    copy = {"image": "copy", "masks": {"mitochondria": "other name.tif"}}
    volume = own_volume(f"{data}/image", masks={"mitochondria": f"{data}/mitochondria.tif"}, test=copy)
    write_config(project, volume)
    done = project.run("check", config="own.yaml")
    assert done.returncode != 0
    assert "ERROR DATA_SPLIT" in done.stdout and "copy" in done.stdout


def test_a_source_without_the_structure_is_no_dataset_of_nnunet(project):
    data = "tests/nano/data"
    (project.folder / "own.yaml").write_text(f"""
structure: synapses
targets: [mine]
volumes:
  mine: {{image: {data}/image, masks: {{synapses: {data}/mitochondria.tif}}, voxel_size_nm: [5, 5, 5]}}
membranes: {{sees: [image]}}
exports: {{formats: [png, nnunet]}}
""")
    configs = ["tests/nano/config.yaml", "own.yaml"]
    checked = project.run("check", config=configs)
    assert checked.returncode == 0, checked.stdout
    jobs = jobs_in(project.run("volumes", "--dry-run", config=configs))
    exported = {output for rule, output in jobs if rule == "export_volume"}
    made = ("larva/volume/png", "mine/volume/png", "mine/volume/nnunet")
    assert exported == {f"results/exports/{path}" for path in made}


def test_a_folder_of_public_files_is_filled_once_whichever_volumes_share_it(project):
    """Two folds of one stack, one of them with a slash: two downloads would wait for each other's lock."""
    (project.folder / "own.yaml").write_text("""
targets: [first, second]
split: {test: 0.5}
volumes:
  first: {layout: vnc, folder: data/vnc, fold: 1}
  second: {layout: vnc, folder: data/vnc/, fold: 2}
""")
    jobs = jobs_in(project.run("fetch", "--dry-run", config="own.yaml"))
    assert jobs == {("fetch_volume", "results/downloads/second.json")}


def test_a_download_that_cannot_be_made_is_one_error_and_nothing_else_uses_the_network(project):
    shutil.copytree(PROJECT / "presets", project.folder / "presets", dirs_exist_ok=True)
    no_network = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    before = dict(os.environ)
    os.environ.update(no_network)
    try:
        done = project.run("fetch", config="presets/cremi.yaml")
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert done.returncode != 0
    assert "ERROR DATA_DOWNLOAD https://cremi.org/static/data/sample_" in done.stdout
    checked = project.run("check", config="presets/cremi.yaml")
    assert "ERROR DATA_MISSING data/cremi/sample_B_20160501.hdf" in checked.stdout
    rules = (PROJECT / "rules").glob("*.smk")
    assert [path.name for path in rules if "fetch_volume.py" in path.read_text()] == ["volumes.smk"]

"""Layouts: where image, masks and labels lie in public data sets and in folders of BiaPy and nnU-Net.

A layout gives an entry of `volumes` what the user did not write. Nothing of the data is opened here, and
nothing large imported: Snakemake calls this at each start.
"""

import json
import os
from pathlib import Path

from synthem.errors import SynthemError
from synthem.sources.names import is_nifti, is_slice, natural

NOTHING = 2**64 - 1  # CREMI's number for "no cleft here"

# Every path is inside the entry's `folder`.
FIXED = {
    "lucchi": {  # EPFL CA1 hippocampus, Lucchi and Lucchi++ labels alike
        "image": "training.tif",
        "masks": {"mitochondria": "training_groundtruth.tif"},
        "test": {"image": "testing.tif", "masks": {"mitochondria": "testing_groundtruth.tif"}},
        "voxel_size_nm": [5.0, 5.0, 5.0],
    },
    "lucchi++": {  # the same volume as slices, with the labels of Casser et al., as lucchi_pp.zip holds it
        "image": "Train_In",
        "masks": {"mitochondria": "Train_Out"},
        "test": {"image": "Test_In", "masks": {"mitochondria": "Test_Out"}},
        "voxel_size_nm": [5.0, 5.0, 5.0],
    },
    "vnc": {  # Gerhard 2013: Drosophila larva, the labelled stack
        "image": "stack1/raw",
        "masks": {
            "membrane": "stack1/membranes",
            "mitochondria": "stack1/mitochondria",
            "synapses": "stack1/synapses",
            "glia": {"files": "stack1/labels", "foreground": [159]},
        },
        "voxel_size_nm": [50.0, 4.6, 4.6],
    },
    "vnc-stack2": {"image": "stack2/raw", "voxel_size_nm": [50.0, 4.6, 4.6]},  # without labels
    "isbi2012": {
        "image": "train-volume.tif",
        "masks": {"membrane": {"files": "train-labels.tif", "foreground": "dark"}},
        "labels": {"neurites": "train-neurites.tif"},
        "voxel_size_nm": [50.0, 4.0, 4.0],
    },
    "nuclei": {  # stained tissue: tiles of several sizes, masks number the nuclei
        "image": "images",
        "masks": {"membrane": {"files": "masks", "foreground": "borders"}},  # outlines, for the generator
        "labels": {"nuclei": "masks"},
        "tiles": True,
        "voxel_size_nm": [4000.0, 500.0, 500.0],
    },
}
CREMI = "sample_{}_20160501.hdf"


def laid_out(layout, folder, where, structure):
    """The entry {"image", "masks", ...} of a layout in a folder; `where` is the config key, for errors."""
    if layout in FIXED:
        return inside(folder, FIXED[layout])
    if layout.startswith("cremi-"):
        return inside(folder, _cremi(CREMI.format(layout[-1].upper())))
    entry = _nnunet(folder, where) if layout == "nnunet" else _biapy(folder, where, structure)
    return inside(folder, entry)


def _cremi(file):
    neurons = f"{file}:volumes/labels/neuron_ids"
    clefts = {"files": f"{file}:volumes/labels/clefts", "background": [NOTHING]}
    return {
        "image": f"{file}:volumes/raw",
        "masks": {  # every voxel has a number, so a mask of all of them would say nothing
            "membrane": {"files": neurons, "foreground": "borders"},
            "neurites": {"files": neurons, "foreground": "inside"},
        },
        "labels": {"neurites": neurons, "clefts": clefts},
    }


def _biapy(folder, where, structure):
    """train/x and train/y, test/x and test/y, perhaps val/x and val/y: bright masks of one class."""
    entry = _biapy_part("train", folder, where, structure)
    for block, part in (("test", "test"), ("validation", "val")):
        if os.path.isdir(os.path.join(folder, part, "y")):
            entry[block] = _biapy_part(part, folder, where, structure)
    return entry


def _biapy_part(part, folder, where, structure):
    files = {kind: _stack_in(folder, f"{part}/{kind}", where) for kind in ("x", "y")}
    return {"image": files["x"], "masks": {structure: files["y"]}}


def _nnunet(folder, where):
    """One stack in imagesTr, perhaps one in imagesTs with labelsTs, or 2-D cases, which are tiles."""
    numbers = _nnunet_labels(folder, where)
    entry = _nnunet_part("Tr", folder, where, numbers)
    if _names(os.path.join(folder, "labelsTs")):
        entry["test"] = _nnunet_part("Ts", folder, where, numbers)
    return entry | {"tiles": entry["image"].endswith(".png")}


def _nnunet_part(part, folder, where, numbers):
    found = [name for name in _names(os.path.join(folder, f"images{part}")) if "_0000." in name]
    if found and found[0].lower().endswith(".png"):
        image, labels = f"images{part}/*_0000.png", f"labels{part}"
    else:
        image = _stack_in(folder, f"images{part}", where)
        labels = _stack_in(folder, f"labels{part}", where)
    ignore = [number for name, number in numbers.items() if name == "ignore"]
    classes = {name: number for name, number in numbers.items() if name not in ("background", "ignore")}
    masks = {
        name: {"files": labels, "foreground": [number], "ignore": ignore} for name, number in classes.items()
    }
    return {"image": image, "masks": masks}


def _nnunet_labels(folder, where):
    path = os.path.join(folder, "dataset.json")
    try:
        with open(path, encoding="utf-8") as file:
            labels = json.load(file)["labels"]
        return {name.replace(" ", "_"): int(number) for name, number in labels.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SynthemError(
            "DATA_FORMAT",
            path,
            f"not readable: {error}",
            expected="nnU-Net's dataset.json with plain numbers under `labels`",
            fix=f"correct {where}.folder",
        ) from error


def _stack_in(folder, part, where):
    """The one stack of a folder: its only file, or the folder itself if it holds slices."""
    path = os.path.join(folder, part)
    names = _names(path)
    if not names:
        raise SynthemError(
            "DATA_MISSING",
            path,
            "no TIFF, PNG or NIfTI file in such a folder",
            expected="the files of this layout",
            fix=f"correct {where}.folder",
        )
    return f"{part}/{names[0]}" if len(names) == 1 else part


def _names(folder):
    try:
        files = (file for file in Path(folder).iterdir() if is_slice(file) or is_nifti(file))
        return sorted((file.name for file in files), key=natural)
    except OSError:
        return []


def inside(folder, value):
    """An entry of a layout with `folder` in front of every path."""
    if isinstance(value, str):
        return os.path.join(folder, value)
    if not isinstance(value, dict):
        return value
    kept = ("foreground", "ignore", "background", "voxel_size_nm", "tiles")
    return {key: part if key in kept else inside(folder, part) for key, part in value.items()}

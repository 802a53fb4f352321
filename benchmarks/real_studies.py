"""Three studies on real tissue: `python benchmarks/real_studies.py FOLDER OUT` prints the commands.

FOLDER holds lucchi/training.tif and lucchi/training_groundtruth.tif (Lucchi++ of Casser et al. 2018, as
stacks) and vnc/stack1 (Gerhard et al. 2013). OUT gets both at half the size in y and x, so that a patch of
128 pixels shows a whole mitochondrion and an hour on two cores is enough, and a config for each. In the third
one, each third of Lucchi++ is tested in turn, by networks that have learnt from the rest.
"""

import sys
from pathlib import Path

import numpy as np
import tifffile
import yaml
from skimage.io import imread

PRESET = "presets/study-short.yaml"
VOXELS = {"vnc": [50, 9.2, 9.2], "lucchi": [5, 10, 10]}
THIRDS = {f"third-{fold}": fold for fold in (1, 2, 3)}  # targets, and the blocks that they test
STUDIES = {
    "vnc": {
        "targets": ["vnc"],
        "split": {"test": 0.4, "gap_nm": 50},
        "study": {"arms": ["real_strong", "pasted", "mixed", "copies"]},
    },
    "lucchi": {
        "targets": ["lucchi"],
        "split": {"test": 0.25, "gap_nm": 200},
        "study": {"arms": ["real_strong", "mixed", "first"]},
    },
    "thirds": {
        "targets": list(THIRDS),
        "split": {"test": 0.33, "gap_nm": 200},
        "study": {"arms": ["real_strong", "mixed", "first"]},
        "labels": {"budgets": [4]},
    },
}


def halved(stack):
    """[z, y, x] -> means of 2 x 2 pixels."""
    z, y, x = stack.shape
    return stack.reshape(z, y // 2, 2, x // 2, 2).mean(axis=(2, 4))


def marked(plane):
    """A mask of 1 bit, or of grey values with a few between black and white."""
    return plane if plane.dtype == bool else plane > 127


def slices_of(folder):
    return [imread(path) for path in sorted(folder.iterdir())]


def stacks_in(folder):
    """{volume: {image, mitochondria, membrane}}; membranes are known of VNC alone."""
    vnc, lucchi = folder / "vnc/stack1", folder / "lucchi"
    masks = {"mitochondria": "mitochondria", "membrane": "membranes"}
    truth = tifffile.imread(lucchi / "training_groundtruth.tif")
    return {
        "vnc": {"image": np.stack(slices_of(vnc / "raw"))}
        | {name: np.stack([marked(one) for one in slices_of(vnc / own)]) for name, own in masks.items()},
        "lucchi": {"image": tifffile.imread(lucchi / "training.tif"), "mitochondria": marked(truth)},
    }


def main(folder, out):
    out.mkdir(parents=True, exist_ok=True)
    volumes = {}
    for name, stacks in stacks_in(folder).items():
        for part, stack in stacks.items():
            small = halved(stack)
            small = np.round(small) if part == "image" else 255 * (small >= 0.5)
            tifffile.imwrite(out / f"{name}-{part}.tif", small.astype(np.uint8), compression="zlib")
        files = {part: str((out / f"{name}-{part}.tif").resolve()) for part in stacks}
        volumes[name] = {"image": files.pop("image"), "masks": files, "voxel_size_nm": VOXELS[name]}
    volumes |= {name: volumes["lucchi"] | {"fold": fold} for name, fold in THIRDS.items()}
    for name, study in STUDIES.items():
        used = {key: volumes[key] for key in ("vnc", *study["targets"])}
        config = {"source": "vnc", "volumes": used, **study}
        (out / f"{name}.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        print(f"snakemake --cores 2 --configfile {PRESET} {out / name}.yaml")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

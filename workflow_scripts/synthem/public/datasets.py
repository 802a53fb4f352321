"""Public data sets whose files have a known sha256: what `downloads.fetch` may get.

No hash here is our own: each was read in the source that its comment names. A set of which no such hash was
found (the original EPFL stacks, ISBI 2012) is not listed: its preset needs the path.
EM = torch_em/data/datasets/electron_microscopy in the repository constantinpape/torch-em.
"""

from dataclasses import asdict, dataclass

from synthem.errors import SynthemError


@dataclass(frozen=True)
class Download:
    name: str  # of the file, in whatever folder the caller keeps
    url: str
    sha256: str
    inside: str = ""  # of a .zip archive: the folder in it whose content goes into the caller's folder

    def __post_init__(self):
        assert self.name not in ("", ".", "..") and "/" not in self.name, self.name


PUBLIC = {
    # EM/cremi.py, lines 28-30 (commit 1c55489).
    "cremi-a": [
        Download(
            "sample_A_20160501.hdf",
            "https://cremi.org/static/data/sample_A_20160501.hdf",
            "4c563d1b78acb2bcfb3ea958b6fe1533422f7f4a19f3e05b600bfa11430b510d",
        )
    ],
    "cremi-b": [
        Download(
            "sample_B_20160501.hdf",
            "https://cremi.org/static/data/sample_B_20160501.hdf",
            "887e85521e00deead18c94a21ad71f278d88a5214c7edeed943130a1f4bb48b8",
        )
    ],
    "cremi-c": [
        Download(
            "sample_C_20160501.hdf",
            "https://cremi.org/static/data/sample_C_20160501.hdf",
            "2874496f224d222ebc29d0e4753e8c458093e1d37bc53acd1b69b19ed1ae7052",
        )
    ],
    # Images of the EPFL volume with the Lucchi++ labels: both blocks of 165 slices, as PNG files.
    # EM/lucchi.py, line 26 (commit 3653ab8);
    # the same hash: computational-cell-analytics/micro-sam, micro_sam/sample_data.py, fetch_3d_example_data.
    "lucchi++": [
        Download(
            "lucchi_pp.zip",
            "http://www.casser.io/files/lucchi_pp.zip",
            "770ce9e98fc6f29c1b1a250c637e6c5125f2b5f1260e5a7687b55a79e2e8844d",
            inside="Lucchi++/",
        )
    ],
    # EM/vnc.py, line 23 (commit 405d270).
    # GitHub packs this archive at each request; should it ever pack it otherwise, the hash refuses it.
    "vnc": [
        Download(
            "groundtruth-drosophila-vnc.zip",
            "https://github.com/unidesigner/groundtruth-drosophila-vnc/archive/refs/heads/master.zip",
            "f7bd0db03c86b64440a16b60360ad60c0a4411f89e2c021c7ee2c8d6af3d7e86",
            inside="groundtruth-drosophila-vnc-master/",
        )
    ],
}


def public_files(layout):
    """The files of a layout as plain data; none where no hash is known, or for no layout (None)."""
    return [asdict(file) for file in PUBLIC.get(layout, [])]


# Where data sets are that nothing can be downloaded of by itself.
ORIGINS = {
    "lucchi": "training.tif, testing.tif and their _groundtruth.tif of www.epfl.ch/labs/cvlab/data/data-em",
    "isbi2012": "train-volume.tif, train-labels.tif and train-neurites.tif of ISBI 2012 (imagej.net)",
    "nuclei": "images/ and masks/ of stained tissue, such as those of the MICCAI 2015 challenge on nuclei",
}


def how_to_get(layout, folder):
    """What to do where the files of a layout are not in their folder; "" for folders of a user."""
    if public_files(layout):
        fetch = f"run `snakemake fetch` with the same config, which downloads them into {folder}"
        return f"{fetch}, or correct the path"
    if layout in ORIGINS:
        return f"put {ORIGINS[layout]} into {folder}, or correct the path"
    return ""


def with_origins(problems, homes):
    """Problems of files that are missing below a folder of a public data set, with how to get them.

    homes {folder: what to do}.
    """
    found = []
    for problem in problems:
        where = str(problem.where)
        fixes = [fix for folder, fix in homes.items() if where.startswith(f"{folder.rstrip('/')}/")]
        if problem.code == "DATA_MISSING" and fixes:
            parts = {name: getattr(problem, name) for name in ("code", "where", "found", "expected")}
            problem = SynthemError(**parts, fix=fixes[0])
        found.append(problem)
    return found

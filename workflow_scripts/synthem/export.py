"""A volume in files that other programs open: PNG slices, and .npz pairs of image and masks."""

import io
import zipfile

import numpy as np
from PIL import Image

from synthem.files import write_bytes, writing_folder


def export_png(folder, volume):
    """image/0000.png ... and a folder for each mask (0/255)."""
    with writing_folder(folder) as root:
        slices = {"image": volume.image} | {name: mask * 255 for name, mask in volume.masks.items()}
        for name, stack in slices.items():
            (root / name).mkdir()
            for z, array in enumerate(stack):
                Image.fromarray(array).save(root / name / f"{z:04}.png")


def export_pairs(path, volume):
    """Arrays `image` and `mask_<name>` in one compressed .npz, the same bytes for the same content."""
    arrays = {"image": volume.image} | {f"mask_{name}": mask for name, mask in volume.masks.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            data = io.BytesIO()
            np.save(data, array, allow_pickle=False)
            # Without a date of its own: numpy.savez would stamp the time of writing.
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), data.getvalue(), zipfile.ZIP_DEFLATED
            )
    write_bytes(path, packed.getvalue())

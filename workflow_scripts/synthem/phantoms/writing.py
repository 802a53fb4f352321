"""Phantoms on the disk as a user's files would be: a TIFF stack, folders of PNG masks, labels in HDF5."""

import h5py
import tifffile
from PIL import Image

from synthem.storage.files import PatientFile, writing_folder


def write_phantom(folder, phantom):
    """image.tif, a folder of 0/255 PNG slices for each mask, and labels.h5 with a dataset for each class."""
    with writing_folder(folder) as root:
        _write_image(root / "image.tif", phantom)
        for name, mask in phantom.masks.items():
            (root / name).mkdir()
            for z, mask_slice in enumerate(mask):
                Image.fromarray(mask_slice * 255).save(root / name / f"{z:04}.png")
        with PatientFile(root / "labels.h5") as raw, h5py.File(raw, "w") as file:
            for name, labels in phantom.labels.items():
                file.create_dataset(name, data=labels, chunks=(1, *labels.shape[1:]), compression="gzip")


def _write_image(path, phantom):
    """A stack that ImageJ opens with its voxel size in nm."""
    z_nm, y_nm, x_nm = phantom.voxel_size_nm
    axes = "ZYX" if phantom.image.ndim == 3 else "ZYXS"
    tifffile.imwrite(
        path,
        phantom.image,
        imagej=True,
        resolution=(1 / x_nm, 1 / y_nm),
        metadata={"axes": axes, "spacing": z_nm, "unit": "nm"},
        # The date of writing would make every copy another file.
        datetime=False,
    )

"""Image and masks in one compressed .npz, for programs that read numpy arrays."""

import zipfile

import numpy as np
from PIL import Image

from synthem.exports.planes import planes, tiles

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of writing would make every copy another file


def write_pairs(root, volume, *, size):
    """pairs.npz with arrays `image` and `mask_<name>` (0, 1), scaled to [size, size] or (None) as they are.

    Where slices are tiles, each is scaled without its padding; as they are, they keep it.
    """
    arrays = {"image": "image"} | {f"mask_{name}": f"masks/{name}" for name in volume.names("masks")}
    with zipfile.ZipFile(root / "pairs.npz", "w") as archive:
        for array, name in arrays.items():
            slices = planes(volume, name)
            shape = volume.shape if name == "image" else volume.shape[:3]
            if size is not None:
                scale = smooth if name == "image" else nearest
                slices = (scale(plane, size) for plane in tiles(volume, name))
                shape = (shape[0], size, size, *shape[3:])
            _write_array(
                archive, array, slices, shape, volume.dtype if name == "image" else np.dtype(np.uint8)
            )


def smooth(plane, size):
    """Grey or colour scaled to [size, size], each pixel a mean of all that lies under and around it."""
    channels = plane if plane.ndim == 3 else plane[..., None]
    scaled = [
        Image.fromarray(np.ascontiguousarray(channels[..., c], np.float32)).resize(
            (size, size), Image.Resampling.BILINEAR
        )
        for c in range(channels.shape[-1])
    ]
    whole = np.rint(np.stack([np.asarray(channel) for channel in scaled], axis=-1)).astype(plane.dtype)
    return whole.reshape(size, size, *plane.shape[2:])


def nearest(mask, size):
    """A mask scaled to [size, size]: still 0 and 1."""
    return np.asarray(
        Image.fromarray(np.ascontiguousarray(mask)).resize((size, size), Image.Resampling.NEAREST)
    )


def _write_array(archive, name, slices, shape, dtype):
    """One .npy member, slice by slice."""
    member = zipfile.ZipInfo(f"{name}.npy", LONG_AGO)
    member.compress_type = zipfile.ZIP_DEFLATED
    header = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": tuple(map(int, shape)),
    }
    with archive.open(member, "w", force_zip64=True) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for plane in slices:
            file.write(plane.tobytes())

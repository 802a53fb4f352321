"""A volume in the files that other programs open: a folder for each format."""

from math import prod

from synthem.exports.cremi import write_cremi
from synthem.exports.mesh import write_mesh
from synthem.exports.nnunet import write_nnunet
from synthem.exports.pairs import write_pairs
from synthem.exports.png import write_png, write_png16
from synthem.exports.tiff import write_fiji, write_napari
from synthem.exports.zarr import write_zarr
from synthem.storage.files import writing_folder

FORMATS = {
    "png": write_png,
    "png16": write_png16,
    "pairs": write_pairs,
    "fiji": write_fiji,
    "napari": write_napari,
    "cremi": write_cremi,
    "zarr": write_zarr,
    "nnunet": write_nnunet,
    "mesh": write_mesh,
}


def export(folder, volume, *, format, options=None, beside=None):
    """Fill a folder, which appears whole or not at all.

    volume: what `open_volume` or `open_segmentation` gives; options: arguments of the format's function.
    beside {name: volume}: others, each in a folder of its name within.
    """
    volumes = {".": volume} | (beside or {})
    with writing_folder(folder, size=sum(map(_size_of, volumes.values()))) as root:
        for name, part in volumes.items():
            (root / name).mkdir(exist_ok=True)
            FORMATS[format](root / name, part, **options or {})


def _size_of(volume):
    """Bytes of all arrays of a volume without compression: about the size of an export."""
    masks = len(volume.names("masks")) + len(volume.names("ignore"))
    of_marks = masks + 4 * len(volume.names("labels"))
    return prod(volume.shape) * volume.dtype.itemsize + prod(volume.shape[:3]) * of_marks

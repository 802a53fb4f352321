"""Opens what lies in this folder in napari, each file a layer in its size and place: python open_in_napari.py

Needs napari and tifffile, and nothing of Synthem, which puts this file beside the stacks that it exports.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import tifffile

GREY = ("confidence",)  # folders of images; all others hold labels
HIDDEN = ("ignore", "confidence")  # whose layers are there to be switched on


def layers(folder):
    """[(kind, data, options)] of the image, then of masks, unknown voxels and labels."""
    folder = Path(folder)
    found = [("image", folder / "image.tif", {"name": "image"})]
    for path in sorted(folder.glob("*/*.tif")):
        name = f"{path.parent.name}/{path.stem}"
        # The mask of instances would lie over them, and give all of them its one colour.
        covers = path.parent.name == "masks" and (folder / "labels" / path.name).exists()
        visible = path.parent.name not in HIDDEN and not covers
        options = {"name": name, "opacity": 0.5, "visible": visible}
        found.append(("image" if path.parent.name in GREY else "labels", path, options))
    return [(kind, voxels(path), options | place_of(path)) for kind, path, options in found]


def voxels(path):
    """The stack in a file; one that is not packed stays on the disk until it is looked at."""
    try:
        found = tifffile.memmap(path, mode="r")
    except ValueError:
        found = tifffile.imread(path)
    only_one = pixels_of(path).get("SizeZ") == "1" and found.shape[0] != 1
    return found[None] if only_one else found


def place_of(path):
    """Size of a voxel, and where the first one lies, in nm (z, y, x), as napari takes them."""
    pixels = pixels_of(path)
    first = next((node for node in pixels if node.tag.endswith("}Plane")), {})
    return {
        "scale": tuple(float(pixels.get(f"PhysicalSize{axis}")) for axis in "ZYX"),
        "translate": tuple(float(first.get(f"Position{axis}", 0)) for axis in "ZYX"),
        "units": ("nm",) * 3,
    }


def pixels_of(path):
    """The element `Pixels` of the OME-XML in the file: sizes and units of its voxels."""
    with tifffile.TiffFile(path) as tiff:
        notes = ElementTree.fromstring(tiff.ome_metadata)
    return next(node for node in notes.iter() if node.tag.endswith("}Pixels"))


def show(viewer, folder):
    """Add all layers to a napari viewer."""
    for kind, data, options in layers(folder):
        add = viewer.add_image if kind == "image" else viewer.add_labels
        add(data, **options)
    return viewer


if __name__ == "__main__":
    try:
        import napari
    except ImportError:
        sys.exit("napari is missing in this Python; install it with: pip install 'napari[all]'")
    show(napari.Viewer(), Path(__file__).parent)
    napari.run()

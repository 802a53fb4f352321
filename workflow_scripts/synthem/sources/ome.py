"""OME-XML, the description inside an OME-TIFF file."""

import math
from xml.etree import ElementTree

from synthem.sources.units import size_nm

SAMPLES = 16  # colours that one page may hold


def pixels_of(xml):
    """The `Pixels` elements, one for each image; [] where the XML is not readable."""
    if "<!" in xml.replace("<!--", ""):  # entities that unfold to gigabytes are declared so
        raise ValueError("the OME-XML of the file declares a document type")
    try:
        root = ElementTree.fromstring(xml.encode())
    except ElementTree.ParseError:
        return []
    return [node for node in root.iter() if _name(node) == "Pixels"]


def refuse_forged(xml, pages):
    """tifffile makes lists as long as the XML says: no number in it may go beyond the pages of the file."""
    if "Modulo" in xml:
        raise ValueError("an OME-TIFF file with more axes than x, y, z, channel and time; save one stack")
    for pixels in pixels_of(xml):
        planes = math.prod(_number(pixels, f"Size{axis}") for axis in "ZCT")
        numbers = [
            _number(node, key)
            for node in pixels
            if _name(node) == "TiffData"
            for key in ("IFD", "PlaneCount", "NumPlanes", "FirstZ", "FirstC", "FirstT")
        ]
        if planes > SAMPLES * pages or max(numbers, default=0) > SAMPLES * pages:
            raise ValueError(
                f"OME-XML announces {max([planes, *numbers])} planes, the file has {pages} pages: "
                "it is cut off, or has slices in other files; save the stack as one file"
            )


def voxel_size_nm(xml):
    pixels = pixels_of(xml)
    if len(pixels) != 1:
        return None
    sizes = [pixels[0].get(f"PhysicalSize{axis}") for axis in "ZYX"]
    return size_nm(sizes, [pixels[0].get(f"PhysicalSize{axis}Unit", "µm") for axis in "ZYX"])


def _name(node):
    return str(node.tag).rpartition("}")[2]


def _number(node, key):
    return abs(int(node.get(key, 1)))

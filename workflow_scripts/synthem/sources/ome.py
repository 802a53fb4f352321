"""OME-XML, the description inside an OME-TIFF file."""

import math
from xml.etree import ElementTree

from synthem.sources.errors import not_one_stack
from synthem.sources.units import size_nm

WHOLE = "save the whole stack as one file; in Fiji: open it, then File > Save As > Tiff"
SAMPLES = 16  # colours that one page may hold


def pixels_of(xml):
    """The `Pixels` elements, one for each image."""
    if "<!" in xml.replace("<!--", ""):  # entities that unfold to gigabytes are declared so
        raise ValueError("the OME-XML of the file declares a document type")
    return [node for node in _root(xml).iter() if _name(node) == "Pixels"]


def refuse_forged(xml, file, pages):
    """An error where the XML announces more planes than the file has pages: lists would be made that long."""
    if "Modulo" in xml:
        raise not_one_stack(file, "more axes than x, y, z, channel and time")
    for pixels in pixels_of(xml):
        planes = math.prod(_number(pixels, f"Size{axis}") for axis in "ZCT")
        numbers = [
            _number(node, key)
            for node in _children(pixels, "TiffData")
            for key in ("IFD", "PlaneCount", "NumPlanes", "FirstZ", "FirstC", "FirstT")
        ]
        if planes > SAMPLES * pages or max(numbers, default=0) > SAMPLES * pages:
            raise not_one_stack(
                file,
                f"OME-XML announces {max([planes, *numbers])} planes, the file has {pages}: it is cut off, "
                "or has slices in other files",
                fix=WHOLE,
            )


def arrangement(xml, file, pages, samples):
    """([(axis, size), ...] from the slowest axis on, the page of each plane) of the file's only image."""
    images = pixels_of(xml)
    if len(images) != 1:
        sizes = ", ".join(str(tuple(_number(one, f"Size{axis}") for axis in "TCZYX")) for one in images[:5])
        raise not_one_stack(file, f"{len(images)} images of t, c, z, y, x = {sizes}")
    pixels = images[0]
    sizes = {axis: _number(pixels, f"Size{axis}") for axis in "ZCT"}
    if sizes["C"] % samples == 0:  # colours of one page are channels in OME's words
        sizes["C"] //= samples
    order = [axis for axis in pixels.get("DimensionOrder", "XYZCT") if axis in sizes]
    if sorted(order) != sorted(sizes) or min(sizes.values()) < 1:
        raise ValueError(f"OME-XML with axes {pixels.get('DimensionOrder')} of {sizes}")
    steps = {axis: math.prod(sizes[fast] for fast in order[:place]) for place, axis in enumerate(order)}
    planes = dict.fromkeys(range(math.prod(sizes.values())))
    for node in _own_data(xml, pixels, file):
        first = sum(int(node.get(f"First{axis}", 0)) * step for axis, step in steps.items())
        page, count = int(node.get("IFD", 0)), 1 if "IFD" in node.attrib else len(pages)
        count = int(node.get("PlaneCount", node.get("NumPlanes", count)))
        for number in range(count):
            if first + number not in planes or not 0 <= page + number < len(pages):
                raise ValueError(
                    f"OME-XML puts page {page + number} of {len(pages)} at plane {first + number}"
                )
            planes[first + number] = pages[page + number]
    missing = next((number for number, page in planes.items() if page is None), None)
    if missing is not None:
        raise ValueError(f"slice {missing} is missing: OME-XML names no page for it")
    return [(axis, sizes[axis]) for axis in reversed(order)], list(planes.values())


def voxel_size_nm(xml):
    pixels = pixels_of(xml)
    if len(pixels) != 1:
        return None
    sizes = [pixels[0].get(f"PhysicalSize{axis}") for axis in "ZYX"]
    return size_nm(sizes, [pixels[0].get(f"PhysicalSize{axis}Unit", "µm") for axis in "ZYX"])


def _own_data(xml, pixels, file):
    """The `TiffData` elements, which place pages in the stack; none may name another file."""
    own = _root(xml).get("UUID")
    for node in _children(pixels, "TiffData"):
        for uuid in _children(node, "UUID"):
            if own is None and uuid.get("FileName", "").lower() == file.name.lower():
                own = uuid.text
            if uuid.text != own:
                raise not_one_stack(file, "slices in other files", fix=WHOLE)
        yield node


def _root(xml):
    try:
        return ElementTree.fromstring(xml.encode())
    except ElementTree.ParseError as error:
        raise ValueError(f"OME-XML that is not readable: {error}") from error


def _children(node, name):
    return [child for child in node if _name(child) == name]


def _name(node):
    return str(node.tag).rpartition("}")[2]


def _number(node, key):
    return abs(int(node.get(key, 1)))

"""Lines of a proposed config about objects: how instances are made, and lengths that suit them."""

LIGHT = 100  # nm: larger pixels are those of light microscopy, whose objects are larger, too
LONG = 10  # slices: where one object of twenty is longer, few lie in a single slice
LONGEST = 10_000  # nm, of a voxel, by which lengths are reckoned: ten times that is the most that they may be


def lines_of_objects(found):
    """[(indent, key, value, comment)] for a `lines.Found`."""
    return [*_cells(found), *_sheet(found), *_bodies(found), *_lengths(found)]


def _cells(found):
    if not found.cells:
        return []
    words = "for cells, which fill the volume; `bodies` is for single objects"
    apart = "whether cells come apart: their IoU is high even where none does"
    return [
        (0, "watershed", {"method": "membranes", "tune_by": "cremi_score"}, words),
        (0, "comparison", {"endpoint": "voi"}, apart),
    ]


def _sheet(found):
    """Membranes are no bodies: cut where they are narrow, none of their pieces is what the truth has."""
    if not _is_sheet(found):
        return []
    words = "one sheet, whose parts stay whole; `bodies` would cut it where it is narrow"
    return [(0, "watershed", {"method": "components"}, words)]


def _is_sheet(found):
    return found.split.objects is None and not found.cells


def _bodies(found):
    """Objects that go on through many slices gain by a median of three; of light microscopy, by lengths."""
    if found.cells or _is_sheet(found):
        return []
    settings, words = {}, []
    if not found.tiles and found.split.length >= LONG:
        settings["median_slices"] = 3
        words.append(
            "a voxel is what most of it and its two neighbours in z are; 1: what its slice says alone"
        )
    if _is_light(found):
        z, y, x = _sides(found)
        settings["bodies"] = {"seed_distance_nm": 10 * max(y, x), "smallest_nm3": 10 * z * y * x}
        words.append("centres of two objects lie 10 pixels apart; smaller than 10 is dropped")
    return [(0, "watershed", settings, "; ".join(words))] if settings else []


def _lengths(found):
    """Lengths of light microscopy, in pixels as for nuclei: those of the demo are less than a pixel there."""
    if not _is_light(found):
        return []
    pixel = max(_sides(found)[1:])
    bent = {"elastic_nm": 4 * pixel, "elastic_scale_nm": 40 * pixel}
    tolerance = {"boundary_tolerance_nm": 2 * pixel}
    return [
        (0, "synthesis", {"masks": {"bent": bent}}, "new masks: bent by 4 pixels, over 40"),
        (0, "metrics", tolerance, "a boundary 2 pixels from the true one is right"),
    ]


def _is_light(found):
    return found.voxel_size_nm and max(found.voxel_size_nm[1:]) >= LIGHT


def _sides(found):
    """The sides of a voxel as lengths are reckoned by, in nm."""
    return [min(round(size), LONGEST) for size in found.voxel_size_nm]

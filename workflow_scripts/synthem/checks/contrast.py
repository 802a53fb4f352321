"""Whether membranes are dark or bright in an image: what is learnt on the one finds nothing in the other."""

import numpy as np
from scipy.ndimage import gaussian_filter, grey_closing, grey_opening

from synthem.ingest.pieces import sizes_of
from synthem.sources.opening import open_mask, open_stack

DARK, BRIGHT = "dark", "bright"
LOOKED_AT = 7  # slices, spread over the stack
FEWEST = 3
SIDE = 512  # pixels of the middle of a slice; in less than SMALLEST chance decides
SMALLEST = 64
WIDTHS = ((5, 1.0), (9, 1.5))  # (pixels that a line is narrower than, sigma of the smoothing before)
REMEDY = "if it is inverted, turn it round (Edit > Invert in Fiji)"
CLEAR = 0.05  # log of the ratio; noise has 0.01, tissue from 0.1 on


def compare_contrast(checked, volumes, targets):
    """Warn of targets that look inverted beside the source whose membranes are learnt for them.

    {name: Checked} and its entries; what is no target and has a mask `membrane` is such a source.
    """
    sources = [name for name in volumes if name not in targets and "membrane" in volumes[name]["masks"]]
    for source in sources if any("membrane" not in volumes[name]["masks"] for name in targets) else ():
        learnt = contrast_on_mask(volumes[source], checked[source])
        for name in targets if learnt else ():
            seen = None if "membrane" in volumes[name]["masks"] else contrast_of(volumes[name], checked[name])
            if seen and seen != learnt:
                checked[name].findings["", "image"].warn(
                    f"thin lines are {seen} here, and membranes {learnt} in {source}, where those of this "
                    f"volume are learnt: {REMEDY}, or learn on another source"
                )


def contrast_of(volume, seen):
    """DARK or BRIGHT as most thin lines of a volume's image are; None where that is not clear.

    seen: its Checked. Lines stand out of a picture whose gaps are closed (dark ones) or opened (bright ones).
    Two widths must agree, and two tones: as they are, and with all equally frequent, which no curve of a
    microscope's changes. In tissue whose lines are of both kinds nothing is clear.
    """
    if not seen.images or seen.grey is None or seen.grey.colour:
        return None
    with open_stack(volume["image"], tiles=volume["tiles"], light=True) as image:
        ratios = [line_ratios(_middle(image, z)) for z in _some(range(image.shape[0]))]
    ratios = [of_slice for of_slice in ratios if of_slice]
    if len(ratios) < FEWEST or abs(np.median(ratios)) < CLEAR:
        return None
    ways = np.median(ratios, axis=0)
    return DARK if ways.min() > 0 else BRIGHT if ways.max() < 0 else None


def line_ratios(plane):
    """Log of how much more dark lines stand out of a plane [y, x] than bright ones, in four ways.

    [] of a plane that is small or blank.
    """
    if min(plane.shape) < SMALLEST or plane.min() == plane.max():
        return []
    found = []
    for width, sigma in WIDTHS:
        smooth = gaussian_filter(plane.astype(np.float32), sigma)
        for tones in (smooth, np.searchsorted(np.sort(smooth.ravel()), smooth).astype(np.float32)):
            dark = (grey_closing(tones, size=(width, width)) - tones).mean()
            bright = (tones - grey_opening(tones, size=(width, width))).mean()
            if not (dark > 0 < bright):  # a ramp, or a drawing: no line to compare
                return []
            found.append(float(np.log(dark / bright)))
    return found


def contrast_on_mask(volume, seen):
    """DARK or BRIGHT as a volume's membranes are, by its mask of them; None where slices do not agree."""
    if ("", "masks/membrane") not in seen.masks or seen.grey is None or seen.grey.colour:
        return None
    mask, placement = seen.masks["", "masks/membrane"]
    darker = []
    with (
        open_stack(volume["image"], tiles=volume["tiles"], light=True) as image,
        open_mask(volume["masks"]["membrane"]["files"], tiles=volume["tiles"], gaps=True) as stack,
    ):
        for z in _some(np.flatnonzero(placement.slices >= 0)):
            own = int(placement.slices[z])
            planes = stack.read(own, own + 1)
            marked, unknown = mask.conversion.marks(planes)[0] > 0, mask.conversion.unknown(planes)
            known = np.ones(marked.shape, bool) if unknown is None else ~unknown[0]
            (y, x), (height, width) = (placement.y, placement.x), marked.shape
            grey = _grey(image.read(z, z + 1)[0])[y : y + height, x : x + width]
            if (marked & known).any() and (~marked & known).any():
                darker.append(grey[marked & known].mean() < grey[~marked & known].mean())
    return None if len(set(darker)) != 1 else DARK if darker[0] else BRIGHT


def _some(slices):
    """At most LOOKED_AT of these numbers, evenly spread."""
    places = np.linspace(0, len(slices) - 1, min(LOOKED_AT, len(slices))).round().astype(int)
    return [int(slices[place]) for place in places]


def _middle(image, z):
    height, width = sizes_of(image)[z]
    y, x = max(0, height - SIDE) // 2, max(0, width - SIDE) // 2
    return _grey(image.read(z, z + 1)[0])[y : y + SIDE, x : x + SIDE]


def _grey(plane):
    """[y, x] of a plane whose colours are alike."""
    return plane if plane.ndim == 2 else plane[..., 0]

"""Parts of all pictures: colours, sheets of image panels, overlays, scale bars, PNG.

Pictures are made from `Figure` objects, never through pyplot: no state outlives a call, and the same
input gives the same bytes.
"""

import io
import math

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from PIL import Image

# Okabe-Ito: distinct with any colour vision. Yellow is left to overlays: it is lost on white paper.
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW, BLACK = "#E69F00", "#56B4E9", "#F0E442", "#000000"
GREY, INK = "#6B7480", "#1C2733"

STRUCTURE, MEMBRANE = ORANGE, SKY
UNKNOWN = "#D3D7DC"  # light grey, in stripes
DROPPED = "#B9C0C8"  # grey, hatched: marked by a network, and kept in no object
FOUND, MISSED, FALSE = SKY, YELLOW, VERMILLION
ARM_COLOURS = (BLACK, BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
ARM_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = {DROPPED: r"\\\\"}
VERDICT_COLOURS = {"helps": GREEN, "harms": VERMILLION, "no effect": BLUE, "undecided": GREY}
VERDICT_COLOURS |= {"exploratory": PURPLE, "no answer": ORANGE}
VERDICT_MARKERS = {"helps": "^", "harms": "v", "no effect": "s", "undecided": "o"}
VERDICT_MARKERS |= {"exploratory": "D", "no answer": "X"}

WIDTH = 10  # inches, of every figure: letters have one size all over the page
DPI = 140
GAP, LABEL, TITLE, LINE, FOOT = 0.07, 0.36, 0.27, 0.17, 0.4  # inches between and around the panels of a sheet
SMALLEST = 6  # points: smaller letters cannot be read
SAMPLE = 1_000_000  # pixels that are enough for a brightness range

# A matplotlibrc of the user would change the bytes of every figure.
matplotlib.rcdefaults()
matplotlib.rcParams.update(
    {
        "font.size": 10,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelcolor": INK,
        "axes.edgecolor": GREY,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#E6E9ED",
        "grid.linewidth": 0.8,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "text.color": INK,
        "legend.frameon": False,
    }
)


def png(figure):
    """Figure -> PNG bytes without date or program version."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def stacked(pictures):
    """PNG bytes of several pictures of one width -> those of one picture, from the top down."""
    opened = [Image.open(io.BytesIO(data)).convert("RGB") for data in pictures]
    whole = Image.new("RGB", (opened[0].width, sum(picture.height for picture in opened)), "white")
    top = 0
    for picture in opened:
        whole.paste(picture, (0, top))
        top += picture.height
    buffer = io.BytesIO()
    whole.save(buffer, "PNG")
    return buffer.getvalue()


def arm_styles(arms):
    """{arm: (colour, marker)} in the order of `arms`; no two alike."""
    # Colours come again after 7 arms, then with the marker moved on by one.
    n = len(ARM_COLOURS)
    return {arm: (ARM_COLOURS[i % n], ARM_MARKERS[(i + i // n) % n]) for i, arm in enumerate(arms)}


def sheet(rows, columns, *, aspect, caption_lines=0, extra=0):
    """A figure and its bare axes [rows, columns]; panels are `aspect` times as high as wide.

    `caption_lines` leaves room over every row, not only over the first; `extra` inches stay free below.
    """
    panel = (WIDTH - LABEL - (columns - 1) * GAP) / columns
    top = TITLE + LINE * max(0, caption_lines - 1)
    over = top if caption_lines else GAP
    height = top + rows * panel * aspect + (rows - 1) * over + FOOT + extra
    figure = Figure(figsize=(WIDTH, height))
    axes = np.empty((rows, columns), object)
    for row, column in np.ndindex(rows, columns):
        left = LABEL + column * (panel + GAP)
        bottom = height - top - (row + 1) * panel * aspect - row * over
        box = (left / WIDTH, bottom / height, panel / WIDTH, panel * aspect / height)
        axes[row, column] = figure.add_axes(box, xticks=[], yticks=[], frame_on=False)
    return figure, axes


def label_row(axes, text):
    """Write `text` upwards, left of the first panel of a row; of a flat one in smaller letters."""
    label = axes.set_ylabel(text, fontsize=10, labelpad=6)
    length, room = label.get_window_extent().height, axes.bbox.height
    if length > room:
        label.set_fontsize(max(SMALLEST, 10 * room / length))


def add_legend(figure, entries, *, above=0):
    """`entries` {text: colour} as coloured squares, `above` inches over the foot of a sheet."""
    patches = [
        Patch(facecolor=colour, edgecolor=GREY, linewidth=0.5, label=text, hatch=HATCHES.get(colour))
        for text, colour in entries.items()
    ]
    place = {"loc": "lower left", "bbox_to_anchor": (0.02, above / figure.get_figheight())}
    figure.legend(handles=patches, ncols=len(patches), handlelength=1.2, borderaxespad=0.3, **place)


def brightness_range(image):
    """The grey values shown as black and as white: all but the outermost 0.5 % at either end."""
    low, high = np.percentile(some_pixels(image), (0.5, 99.5))
    return float(low), float(max(high, low + 1))


def some_pixels(image):
    """About SAMPLE pixels of an image [z, y, x] or [z, y, x, c], evenly apart, with all their colours."""
    pixels = image.reshape(-1, *image.shape[3:])
    return pixels[:: max(1, len(pixels) // SAMPLE)]


def to_rgb(plane, brightness):
    """A slice [y, x] or [y, x, c] of any type -> uint8 [y, x, 3], black and white at `brightness`."""
    low, high = brightness
    grey = np.clip((plane.astype(np.float32) - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    if grey.ndim == 3 and grey.shape[2] >= 3:
        return grey[..., :3]
    return np.repeat(grey.reshape(*grey.shape[:2], -1)[..., :1], 3, axis=2)


def tint(rgb, mask, colour, opacity=0.5):
    """uint8 [y, x, 3] with `colour` laid over the pixels where `mask` [y, x] is set."""
    chosen = np.asarray(mask, bool)
    paint = 255 * np.array(matplotlib.colors.to_rgb(colour))
    tinted = rgb.copy()
    tinted[chosen] = ((1 - opacity) * rgb[chosen] + opacity * paint).astype(np.uint8)
    return tinted


def agreement(rgb, predicted, truth):
    """`rgb` with what `predicted` [y, x] found, missed and falsely marked of `truth` [y, x]."""
    predicted, truth = np.asarray(predicted, bool), np.asarray(truth, bool)
    for mask, colour in (
        (predicted & truth, FOUND),
        (~predicted & truth, MISSED),
        (predicted & ~truth, FALSE),
    ):
        rgb = tint(rgb, mask, colour, opacity=0.65)
    return rgb


def veil(rgb, ignore):
    """`rgb` with light grey stripes where `ignore` [y, x] is set; None: as it is."""
    if ignore is None:
        return rgb
    width = max(2, rgb.shape[1] // 60)
    stripes = np.indices(ignore.shape).sum(axis=0) // width % 2 == 0
    return tint(tint(rgb, ignore, UNKNOWN, opacity=0.5), stripes & (ignore > 0), UNKNOWN, opacity=0.8)


def bare(rgb, size):
    """`rgb` of a tile of this size (y, x) alone: white beyond, where its slice is its mirror image.

    (): the slice is whole.
    """
    if size:
        rgb = rgb.copy()
        rgb[size[0] :], rgb[:, size[1] :] = 255, 255
    return rgb


def tile_of(volume, z):
    """Size (y, x) of the tile that slice z of a whole volume holds; () where all slices are whole."""
    return volume.facts.tiles[z] if volume.facts.tiles else ()


def name_of(volume, z):
    """`slice 4`, or `tile 4` where slices are pictures of places of their own."""
    return f"{word_of(volume.facts)} {z}"


def word_of(facts):
    """What a reader calls a slice of the volume with these facts."""
    return "tile" if facts.tiles and not facts.linked else "slice"


def hatch(rgb, dropped):
    """`rgb` in stripes of white and grey, across those of `veil`, where `dropped` [y, x] is set."""
    rows, columns = np.indices(dropped.shape)
    width = max(2, rgb.shape[1] // 90)
    bright = (columns - rows) // width % 2 == 0
    return tint(tint(rgb, dropped & ~bright, GREY, opacity=0.6), dropped & bright, "white", opacity=0.85)


AGREEMENT_LEGEND = {"found": FOUND, "missed": MISSED, "falsely marked": FALSE}


def drawing(shape, masks):
    """`masks` {colour: [y, x] or None} painted on paper: uint8 [y, x, 3]."""
    paper = np.full((*shape, 3), 244, np.uint8)
    for colour, mask in masks.items():
        paper = paper if mask is None else tint(paper, mask, colour, opacity=1)
    return paper


def show(axes, picture, voxel_size_nm, *, bar=False, tile=()):
    """Fill a panel with `picture` uint8 [y, x, 3] in its true proportions.

    bar: with a scale bar, on the tile of this size (y, x) where the slice holds a smaller one.
    """
    axes.imshow(picture, aspect=voxel_size_nm[1] / voxel_size_nm[2])
    axes.grid(False)
    if bar:
        add_scale_bar(axes, tile or picture.shape, voxel_size_nm)


def outline(axes, mask, colour, *, width=0.9):
    """Draw the border of a mask [y, x], at the edge of the panel too: a line is as wide in large slices."""
    framed = np.pad(np.asarray(mask) > 0, 1)
    if framed.any():
        axes.autoscale(False)
        y, x = np.arange(-1, framed.shape[0] - 1), np.arange(-1, framed.shape[1] - 1)
        axes.contour(x, y, framed, levels=[0.5], colors=[colour], linewidths=width)


def true_aspect(shape, voxel_size_nm):
    """Height / width of a slice [y, x] in nm."""
    return shape[0] * voxel_size_nm[1] / (shape[1] * voxel_size_nm[2])


def round_length(nm):
    """The largest of 1, 2, 5, 10, 20, 50 ... that is not above `nm`."""
    power = 10 ** math.floor(math.log10(nm))
    return max(step * power for step in (1, 2, 5) if step * power <= nm * (1 + 1e-9))


def length_text(nm):
    return f"{nm / 1000:g} µm" if nm >= 1000 else f"{nm:g} nm"


def add_scale_bar(axes, shape, voxel_size_nm):
    """Draw a bar of a round length, at most 30 % of the width of a slice [y, x]; return its rectangle."""
    height, width = shape[:2]
    nm = round_length(0.3 * width * voxel_size_nm[2])
    length, margin = nm / voxel_size_nm[2], 0.04 * width  # pixels along x
    bottom = height - 0.5 - 0.05 * height
    bar = Rectangle((width - 0.5 - margin - length, bottom - 0.018 * height), length, 0.018 * height)
    bar.set(facecolor="white", edgecolor="black", linewidth=0.6)
    axes.add_patch(bar)
    text = axes.text(
        bar.get_x() + length, bottom - 0.03 * height, length_text(nm), color="white", ha="right", va="bottom"
    )
    text.set(fontsize=9, path_effects=[withStroke(linewidth=2, foreground="black")])
    return bar

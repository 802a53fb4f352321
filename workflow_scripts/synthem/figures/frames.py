"""The test block slice by slice as frames of a video: image | truth | result, in 256 colours.

A frame holds numbers of the colours in PALETTE: few greys, each under every colour of an instance. So nothing
has to be approximated, and the noise of EM images packs well.
"""

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthem.figures.instances import (
    EXTRA,
    OPACITY,
    PAINT,
    colours_of,
    compare_slice,
    painted,
    true_instances,
)
from synthem.figures.sheets import MISSED, brightness_range, length_text, name_of, round_length
from synthem.storage.ignore import blanked, plane
from synthem.storage.splits import slice_numbers

GREYS = 22
MISSED_COLOUR = EXTRA + 1
COLOURS = np.concatenate([PAINT, [np.array(matplotlib.colors.to_rgb(MISSED)) * 255]])  # 0: none
SOLID = len(COLOURS) * GREYS  # the first of the colours without image
WHITE = GREYS - 1
HEAD, FOOT, GAP, LETTERS = 24, 26, 6, 14  # pixels
MOST_FRAMES = 60


def palette():
    """RGB uint8 [256, 3]: greys under each colour, then each colour alone."""
    greys = np.linspace(0, 255, GREYS)[None, :, None]
    mixed = (1 - OPACITY) * greys + OPACITY * COLOURS[:, None]
    mixed[0] = greys[0]
    colours = np.concatenate([mixed.reshape(-1, 3), COLOURS])
    return np.pad(colours.round().astype(np.uint8), ((0, 256 - len(colours)), (0, 0)))


def shown_frames(depth):
    """Indices of at most MOST_FRAMES of `depth` slices, evenly apart."""
    return np.linspace(0, depth - 1, min(depth, MOST_FRAMES)).round().astype(int).tolist()


def video_frames(volume, labels, shown, *, structure, title, panel_px):
    """Yield frames, uint8 [H, W]: numbers of colours in the palette.

    `volume` is the test block alone and holds the truth; `shown` are indices of its slices, and `labels`
    uint32 [frame, y, x] what was found in them. The longer side of a panel has `panel_px` pixels.
    """
    numbers, ignore = slice_numbers(volume.blocks["test"]), volume.ignore.get(structure)
    size = panel_size(volume.image.shape[1:3], volume.voxel_size_nm, panel_px)
    truth = np.stack([nearest(section, size) for section in true_instances(volume, structure)[shown]])
    colours, brightness = colours_of(truth), brightness_range(volume.image)
    texts = f"true {structure}", title
    for z, true, found in zip(shown, truth, labels, strict=True):
        unknown = None if ignore is None else nearest(plane(ignore, z), size)
        found = blanked(nearest(found, size), unknown)
        grey = hatched(grey_levels(volume.image[z], brightness, size), unknown)
        compared = compare_slice(found, true, colours)
        missed = dict.fromkeys(compared.missed, MISSED_COLOUR)
        panels = (
            grey,
            overlay(grey, true, colours),
            overlay(overlay(grey, true, missed, filled=False), found, compared.colours),
        )
        yield frame(
            panels, (name_of(volume, numbers[z]), *texts), volume.voxel_size_nm, volume.image.shape[2]
        )


def panel_size(shape, voxel_size_nm, panel_px):
    """(rows, columns) of a panel with the true proportions of a slice [y, x]."""
    nm = shape[0] * voxel_size_nm[1], shape[1] * voxel_size_nm[2]
    return tuple(max(1, round(panel_px * length / max(nm))) for length in nm)


def nearest(section, size):
    """Labels [y, x] at another size: every pixel has the id that lies under its middle."""
    rows, columns = (
        ((np.arange(n) + 0.5) * old / n).astype(int) for n, old in zip(size, section.shape, strict=True)
    )
    return section[rows[:, None], columns]


def grey_levels(image, brightness, size):
    """A slice [y, x] or [y, x, c] -> levels 0 to GREYS - 1, uint8 at `size`; colours are averaged."""
    low, high = brightness
    grey = image.astype(np.float32) if image.ndim == 2 else image.mean(axis=2, dtype=np.float32)
    grey = np.asarray(Image.fromarray(grey).resize(size[::-1], Image.Resampling.BOX))
    return np.clip((grey - low) / (high - low) * GREYS, 0, GREYS - 1).astype(np.uint8)


def hatched(grey, unknown):
    """Grey levels with light stripes where `unknown` [y, x] is set."""
    if unknown is None:
        return grey
    stripes = np.indices(grey.shape).sum(axis=0) // 4 % 2 == 0
    return np.where(stripes & (unknown > 0), np.uint8(WHITE - 4), grey)


def overlay(picture, labels, colours, *, filled=True):
    """Levels of a panel under the colours of labels [y, x], whose borders are solid."""
    chosen = painted(labels, colours)
    border = (chosen > 0) & borders(labels)
    under = (picture < GREYS) & (chosen > 0) & filled
    return np.where(border, SOLID + chosen, np.where(under, picture + chosen * GREYS, picture)).astype(
        np.uint8
    )


def borders(labels):
    """Pixels of labels [y, x] beside another one, or beside none."""
    found = np.zeros(labels.shape, bool)
    found[1:] |= labels[1:] != labels[:-1]
    found[:-1] |= labels[1:] != labels[:-1]
    found[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    found[:, :-1] |= labels[:, 1:] != labels[:, :-1]
    return found


def frame(panels, texts, voxel_size_nm, columns):
    """Panels side by side, a text over each; below them the scale, and what the colours of errors mean."""
    rows, width = panels[0].shape
    # Videos want even numbers of pixels.
    across = 3 * width + 2 * GAP
    picture = np.zeros((HEAD + rows + FOOT + rows % 2, across + across % 2), np.uint8)
    for number, (panel, text) in enumerate(zip(panels, texts, strict=True)):
        left = number * (width + GAP)
        picture[HEAD : HEAD + rows, left : left + width] = panel
        write(picture[:HEAD, left : left + width], text)
    foot = picture[HEAD + rows :]
    nm = round_length(0.3 * columns * voxel_size_nm[2])
    bar = max(1, round(nm / (columns * voxel_size_nm[2]) * width))
    foot[9:13, :bar] = WHITE
    write(foot[:FOOT, bar + GAP : width], length_text(nm))
    for place, (colour, text) in enumerate(((MISSED_COLOUR, "missed"), (EXTRA, "extra"))):
        left = 2 * (width + GAP) + place * width // 2
        foot[7:17, left : left + 10] = SOLID + colour
        write(foot[:FOOT, left + 10 + GAP : left + width // 2], text)
    return picture


def write(strip, text):
    """White letters into a black strip [y, x]; what does not fit is cut off."""
    if not strip.size:
        return
    letters = Image.new("L", strip.shape[::-1])
    ImageDraw.Draw(letters).text((2, 2), text, fill=255, font=_font_for(text))
    strip[:] = np.asarray(letters).astype(int) * WHITE // 255


def _font_for(text):
    """Pillow's own font, which has no µ: of a text with one, that of all other figures."""
    if text.isascii():
        return ImageFont.load_default(LETTERS)
    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", LETTERS - 2)

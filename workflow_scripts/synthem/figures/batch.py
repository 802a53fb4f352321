"""What a network is shown: patches as they are, as it sees them, and what it is to answer."""

import numpy as np

from synthem.figures.sheets import (
    STRUCTURE,
    UNKNOWN,
    add_legend,
    brightness_range,
    drawing,
    label_row,
    png,
    sheet,
    show,
    to_rgb,
    true_aspect,
    veil,
)

MOST = 6  # rows
REST = "#F4F4F4"  # the paper of `drawing`
TARGETS = {"mask": "mask", "affinities": "neighbours of one cell"}
TARGETS |= {"boundaries": "inside, thin borders", "interior": "inside, wide borders"}
# Red, green and blue say whether a voxel is of one cell with that before, above and left of it.
NEIGHBOURS = ((-1, 0, 0), (0, -1, 0), (0, 0, -1))
JOINED = {
    "joined to all neighbours": "#FFFFFF",
    "not above": "#FF00FF",
    "not at left": "#FFFF00",
    "not to the slice before": "#00FFFF",
    "to none": "#000000",
}


def batch_sheet(unchanged, seen, target, known, *, data_sets, kind, steps, voxel_size_nm):
    """Rows: at most MOST patches. Columns: image as it is | as the network sees it | target -> PNG bytes.

    unchanged, seen: images [n, c, y, x] or [n, c, z, y, x], of which the middle slice is shown; target and
    known (1 where it is) likewise. data_sets: the name of each patch's; kind: the word of the config for the
    target; steps [c, 3]: of the channels of affinities.
    """
    depth = unchanged.shape[2] if unchanged.ndim == 5 else 1
    before, after, wanted, sure = (middle(part[:MOST]) for part in (unchanged, seen, target, known))
    brightness = brightness_range(before)
    titles = ("image as it is", "as the network sees it", f"target: {TARGETS[kind]}")
    figure, axes = sheet(len(before), 3, aspect=true_aspect(before.shape[1:3], voxel_size_nm))
    for row, panels in enumerate(axes):
        answer = painted_target(wanted[row], sure[row], steps)
        pictures = [to_rgb(before[row], brightness), to_rgb(after[row], brightness), answer]
        for panel, picture in zip(panels, pictures, strict=True):
            show(panel, picture, voxel_size_nm, bar=panel is panels[0])
        label_row(panels[0], data_sets[row] + (f", slice {depth // 2 + 1} of {depth}" if depth > 1 else ""))
    for panel, title in zip(axes[0], titles, strict=True):
        panel.set_title(title)
    colours = JOINED if len(steps) else {"to be found": STRUCTURE, "the rest": REST}
    add_legend(figure, colours | ({"unknown": UNKNOWN} if (sure == 0).any() else {}))
    return png(figure)


def middle(patches):
    """[n, c, y, x] or [n, c, z, y, x] -> [n, y, x, c], of the middle slice."""
    planes = patches[:, :, patches.shape[2] // 2] if patches.ndim == 5 else patches
    return np.moveaxis(planes, 1, -1)


def painted_target(target, known, steps):
    """Target and what is known of it, [y, x, c] -> uint8 [y, x, 3]; striped where nothing is known.

    Of affinities, those of the next voxels in the colours of JOINED: a direction that is not learnt, or not
    known there, is drawn like the other ones.
    """
    if not len(steps):
        return veil(drawing(target.shape[:2], {STRUCTURE: target[..., 0]}), known[..., 0] == 0)
    places = {tuple(step): channel for channel, step in enumerate(np.asarray(steps).tolist())}
    shown = [places[step] for step in NEIGHBOURS if step in places]
    joined, sure = target[..., shown] > 0, known[..., shown] > 0
    any_joined = (joined & sure).any(axis=-1)
    picture = np.repeat(any_joined[..., None], 3, axis=-1)
    for colour, step in enumerate(NEIGHBOURS):
        if step in places:
            channel = shown.index(places[step])
            picture[..., colour] = np.where(sure[..., channel], joined[..., channel], any_joined)
    return veil(255 * picture.astype(np.uint8), ~sure.any(axis=-1))

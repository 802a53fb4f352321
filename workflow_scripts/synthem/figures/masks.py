"""Invented masks below pieces of real ones."""

from synthem.figures.sheets import (
    add_legend,
    drawing,
    label_row,
    length_text,
    png,
    sheet,
    show,
    true_aspect,
)
from synthem.figures.synthesis import mask_colours
from synthem.storage.naming import percent, two_digits
from synthem.synthesis.inventing import mask_numbers

COLUMNS, ROWS = 6, 2  # at most, of each


def masks_sheet(real, invented, *, voxel_size_nm):
    """Rows of real pieces, then as many rows of invented ones: {name: {0, 1} [n, y, x]}, structure first.

    Above each: how much of it the masks cover, how many parts the structure has in a µm² and how large they
    are, of all that are given.
    """
    structure, (count, *shape) = next(iter(real)), next(iter(real.values())).shape
    colours = mask_colours(list(real))
    columns = min(COLUMNS, count)
    rows = min(ROWS, count // columns)
    figure, axes = sheet(2 * rows, columns, aspect=true_aspect(shape, voxel_size_nm), caption_lines=1)
    for half, (word, masks) in enumerate((("real", real), ("invented", invented))):
        own = axes[half * rows : (half + 1) * rows]
        for place, panel in enumerate(own.flat):
            planes = {colour: masks[name][place] for name, colour in colours.items()}
            show(panel, drawing(tuple(shape), planes), voxel_size_nm, bar=place == 0)
        for panel in own[:, 0]:
            label_row(panel, word)
        own[0, 0].set_title(numbers_text(masks, structure, voxel_size_nm), fontsize=9)
    add_legend(figure, colours)
    return png(figure)


def numbers_text(masks, structure, voxel_size_nm):
    """`mito 12 %, membrane 20 %; mito: 3.1 parts in a µm², half of them more than 200 nm across`."""
    pixel = tuple(voxel_size_nm[1:])
    shares = ", ".join(f"{name} {percent(float(f'{mask.mean():.2g}'))}" for name, mask in masks.items())
    numbers = mask_numbers(masks[structure], pixel)
    text = f"{shares}; {structure}: {two_digits(numbers['parts'])} parts in a µm²"
    if numbers["part_nm2"] is None:
        return text
    across = length_text(float(two_digits(numbers["part_nm2"] ** 0.5)))
    return f"{text}, half of them more than {across} across"

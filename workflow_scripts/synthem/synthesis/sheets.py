"""The images of a sheet: places of a block, their masks, and what generators draw on them."""

import json

import numpy as np

from synthem.gans.conditions import seen_masks
from synthem.seeds import derived_seed
from synthem.synthesis.cells import cut, grid_of, places_of
from synthem.synthesis.examples import labelled_examples
from synthem.synthesis.generating import generate_slices


def painted_sheet(sheet, sources, load, *, volume, blocks, voxel_size_nm, **drawing):
    """Arrays and attributes of a sheet: see `sheet_picture` for what is in them.

    sheet: of the config, filled in. sources {data set: {membrane, conditions, one_hot, ...}}, what else they
    hold goes into the attributes; load(data set, step) -> a generator: asked once for each. blocks: ranges of
    the slices that are shown. drawing: tile, halo and device of `generate_slices`.
    """
    rows, columns, cells = grid_of(sheet)
    known = {
        data_set: labelled_examples(
            volume, own["membrane"] or None, conditions=own["conditions"], slices=blocks
        )
        for data_set, own in sources.items()
    }
    first = known[cells[0].data_set]
    words = (sheet["seed"], "sheet")  # not its name: sheets of as many masks show the same, to be compared
    structure = first.masks[sources[cells[0].data_set]["conditions"][0]]
    places = places_of(structure, count=sheet["masks"], size=sheet["size"], words=words)
    arrays = {"real": np.stack([cut(first.image, place, sheet["size"]) for place in places])}
    for data_set, own in known.items():
        for mask_name, mask in own.masks.items():
            shown = np.stack([cut(mask, place, sheet["size"]) for place in places])
            arrays[f"masks/{data_set}/{mask_name}"] = shown
    seen = {
        data_set: seen_masks(
            {mask: arrays[f"masks/{data_set}/{mask}"] for mask in own.masks},
            one_hot=sources[data_set]["one_hot"],
        )
        for data_set, own in known.items()
    }
    drawn = _drawn(cells, seen, load, words, drawing)
    arrays |= {"drawn": np.stack(list(drawn.values()))} if drawn else {}
    numbers = {cell: number for number, cell in enumerate(drawn)}
    table = [cell._asdict() | {"drawn": numbers.get(cell, -1)} for cell in cells]
    shown = [place._asdict() | {"slice": first.slices[place.z]} for place in places]
    about = {
        "rows": rows,
        "columns": columns,
        "cells": table,
        "places": shown,
        "sheet": sheet,
        "sources": sources,
    }
    return arrays, {"about": json.dumps(about, sort_keys=True), "voxel_size_nm": voxel_size_nm}


def _drawn(cells, seen, load, words, drawing):
    """{cell: the image that its generator draws}; seen {data set: the masks that generators are given}."""
    drawn = {}
    wanted = [cell for cell in cells if cell.panel == "drawn"]
    for data_set, step in dict.fromkeys((cell.data_set, cell.step) for cell in wanted):
        generator = load(data_set, step)
        for cell in wanted:
            if (cell.data_set, cell.step) == (data_set, step):
                one = [mask[cell.mask : cell.mask + 1] for mask in seen[data_set].values()]
                # Of the mask and the noise alone: the same in every data set and snapshot, to be compared.
                seed = derived_seed(*words, "cell", cell.mask, cell.noise)
                drawn[cell] = generate_slices(generator, one, seed=seed, **drawing)[0]
    return drawn

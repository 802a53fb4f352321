import io
import json

import numpy as np
import pytest
from PIL import Image

from synthem.figures.generated import sheet_caption, sheet_picture
from synthem.synthesis.cells import grid_of

SHEET = {
    "data_sets": ["one", "a-much-longer-name-of-a-data-set"],
    "panels": ["conditions", "real", "masked", "drawn"],
    "masks": 4,
    "noises": 2,
    "snapshots": [50, 1250],
    "block": "test",
    "budget": "all",
    "replicate": 1,
}


class Stored(dict):
    """Arrays by name, with attributes."""

    def __init__(self, rows, columns, *, findings=(), **changes):
        sheet = SHEET | {"rows": rows, "columns": columns} | changes
        down, across, cells = grid_of(sheet)
        drawn = [cell for cell in cells if cell.panel == "drawn"]
        random = np.random.default_rng(0)
        count = sheet["masks"]
        super().__init__(
            real=random.integers(0, 256, (count, 32, 32), dtype=np.uint8),
            drawn=random.integers(0, 256, (max(1, len(drawn)), 32, 32), dtype=np.uint8),
        )
        for name in sheet["data_sets"]:
            self[f"masks/{name}/nuclei"] = self["real"] // 128
        source = {"conditions": ["nuclei"], "steps": 600, "labels": 9, "findings": list(findings)}
        numbers = {cell: number for number, cell in enumerate(drawn)}
        about = {
            "rows": down,
            "columns": across,
            "cells": [cell._asdict() | {"drawn": numbers.get(cell, -1)} for cell in cells],
            "places": [{"slice": 20 + number // 2, "z": 0, "y": 0, "x": 0} for number in range(count)],
            "sheet": sheet,
            "sources": dict.fromkeys(sheet["data_sets"], source),
        }
        self.attrs = {"about": json.dumps(about), "voxel_size_nm": (50, 5, 5)}


@pytest.mark.parametrize(
    ("rows", "columns", "changes"),
    [
        ("masks", "panels", {}),
        ("masks", "panels", {"masks": 60}),
        ("panels", "masks", {"masks": 40}),
        ("masks", "masks", {"masks": 48}),
        ("data_sets", "masks", {"panels": ["drawn"]}),
        ("snapshots", "noise", {"panels": ["drawn"]}),
    ],
)
def test_a_sheet_is_smaller_than_3000_pixels_a_side_and_the_same_each_time(rows, columns, changes):
    stored = Stored(rows, columns, **changes)
    first = sheet_picture(stored)
    width, height = Image.open(io.BytesIO(first)).size
    assert max(width, height) < 3000 and min(width, height) > 150
    assert sheet_picture(stored) == first


def test_the_caption_says_what_how_long_how_many_and_that_test_slices_were_not_learnt_from():
    caption = sheet_caption(Stored("snapshots", "masks", panels=["drawn"]))
    for words in (
        "after 50, 1,250 steps of training on all 9 labelled slices, replicate 1",
        "rows: steps of the training; columns: masks",
        "n = 8 generated images on masks of 4 places in 2 slices",
        "no network has ever learnt from them",
    ):
        assert words in caption
    assert "have learnt from these slices" in sheet_caption(Stored("masks", "panels", block="train"))


def test_the_caption_says_that_a_generator_collapsed():
    found = [{"score": "condition_effect", "step": 600, "value": 0.001, "limit": 0.02}]
    caption = sheet_caption(Stored("masks", "panels", findings=found))
    assert "one failed while it trained: other masks give the same image (step 600" in caption

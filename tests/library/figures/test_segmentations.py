import io

import numpy as np
from PIL import Image

from synthem.figures.segmentations import Replicate, extreme_replicates, segmentation_sheets
from synthem.figures.sheets import stacked
from synthem.storage.volumes import Facts, Volume


def row(replicate, iou, *, arm="real", budget="3", scope="volume", seed=1):
    return {"arm": arm, "budget": budget, "scope": scope, "replicate": replicate, "seed": seed, "iou": iou}


def test_the_best_and_the_worst_replicate_are_those_of_the_reference():
    scores = [row(1, 0.7), row(2, 0.6), row(2, 0.9, seed=2), row(3, 0.72), row(4, None)]
    scores += [row(3, 0.99, arm="mixed"), row(3, 0.99, budget="8"), row(3, 0.99, scope="slice")]
    found = extreme_replicates(scores, arm="real", budget="3")
    assert found == {"replicate 2, best of real": 2, "replicate 1, worst of real": 1}
    assert extreme_replicates(scores[:1], arm="real", budget="3") == {"replicate 1": 1}
    assert extreme_replicates([], arm="real", budget="3") == {"replicate 1": 1}


def size(data):
    return Image.open(io.BytesIO(data)).size


def test_ten_arms_of_two_replicates_stand_in_six_sheets_below_each_other():
    mask = np.zeros((3, 40, 60), np.uint8)
    mask[:, 10:20, 10:30] = 1
    facts = Facts(voxel_size_nm=(50.0, 5.0, 5.0), blocks={"test": ((0, 3),)})
    volume = Volume(mask * 200, facts, {"cells": mask})

    def replicate(arms):
        labels = {f"arm {n}": mask[:2].astype(np.uint32) for n in range(arms)}
        return Replicate(
            labels, {arm: [0.5, 0.6, 0.7] for arm in labels}, {"middling": 1, "worst": 0}, labels
        )

    def drawn(arms, words):
        replicates = {word: replicate(arms) for word in words}
        return segmentation_sheets(volume, replicates, structure="cells", reference="arm 0")

    (width, height), (_, higher) = (size(drawn(arms, ["replicate 1"])) for arms in (4, 3))
    assert size(drawn(10, ["replicate 1", "replicate 2"])) == (width, 2 * (height + 2 * higher))


def test_pictures_are_put_below_each_other_in_their_order():
    def plain(colour, height):
        buffer = io.BytesIO()
        Image.new("RGB", (4, height), colour).save(buffer, "PNG")
        return buffer.getvalue()

    whole = Image.open(io.BytesIO(stacked([plain("red", 2), plain("blue", 3)])))
    assert whole.size == (4, 5)
    assert [whole.getpixel((0, y))[::2] for y in range(5)] == [(255, 0)] * 2 + [(0, 255)] * 3

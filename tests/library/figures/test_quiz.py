import io

import numpy as np
import pytest
from PIL import Image

from synthem.figures.quiz import quiz_plot
from synthem.quiz.answers import Sheet
from synthem.quiz.scoring import score_quiz

TRUTH = {"items": [{"source": source} for source in ["test slices"] * 4 + ["painted"] * 4]}
BLUE, ORANGE = (0, 114, 178), (230, 159, 0)


def columns_of(data, colour):
    """The columns of a picture in which pixels have exactly this colour."""
    return np.flatnonzero((np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) == colour).all(2).any(0))


@pytest.mark.parametrize("persons", [1, 2, 40])
def test_of_people_who_were_always_right_real_images_lie_right_of_generated_ones(persons):
    said = ["real"] * 4 + ["synthetic"] * 4
    sheets = [Sheet(f"p{number}", said, [1.0] * 8) for number in range(persons)]
    data = quiz_plot(score_quiz(sheets, TRUTH))
    width = Image.open(io.BytesIO(data)).width
    orange, blue = columns_of(data, ORANGE), columns_of(data, BLUE)
    assert orange.max() < blue.max() and blue.max() > 0.97 * width and orange.min() > width / 2


def test_the_same_answers_are_the_same_bytes():
    rows = score_quiz([Sheet("ada", ["real"] * 8, [1.0] * 8)], TRUTH)
    assert quiz_plot(rows) == quiz_plot(rows)

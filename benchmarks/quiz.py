"""How often the quiz says "more" or "less than chance", wrongly and rightly: simulated persons, real scoring.

python benchmarks/quiz.py [draws]        last line JSON: figures in per cent, each with its standard error
"""

import json
import sys
from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple

import numpy as np
from rounds import machine
from scipy.special import ndtr

from synthem.quiz.answers import ANSWERS, Sheet
from synthem.quiz.scoring import ALL, CHANCE, EVERYONE, score_quiz
from synthem.seeds import generator

DRAWS = 600
REAL, PAINTED = "test slices", "painted"


class Truth(NamedTuple):
    """What people see in images, in standard deviations of what one person sees in one image twice."""

    persons: int
    images: int = 48  # half of them real
    distance: float = 0.0  # d' of real and generated images, mean over persons and images
    image: float = 0.5  # spread of what an image looks like to all; 0: nobody agrees with anybody
    person: float = 0.3  # of how ready persons are to say `real`, and of their own d'


def answered(truth, random):
    """One quiz: (Sheets, its truth as `make_quiz` writes it)."""
    real = np.arange(truth.images) < truth.images // 2
    distance = random.normal(truth.distance, truth.person, (truth.persons, 1)) if truth.distance else 0.0
    seen = np.where(real, 0.5, -0.5) * distance + random.normal(0, truth.image, truth.images)
    seen = seen + random.normal(0, truth.person, (truth.persons, 1))
    said = random.random((truth.persons, truth.images)) < ndtr(seen)
    sheets = [
        Sheet(f"p{n}", [ANSWERS[not one] for one in own], [1.0] * len(own)) for n, own in enumerate(said)
    ]
    return sheets, {"items": [{"source": REAL if one else PAINTED} for one in real]}


def verdict(sheets, truth):
    """1 for more than chance, -1 for less, 0 for neither."""
    row = next(
        row
        for row in score_quiz(sheets, truth)
        if (row["person"], row["source"], row["score"]) == (EVERYONE, ALL, "accuracy")
    )
    return int(row["low"] > CHANCE) - int(row["high"] < CHANCE)


def figures(draws):
    """[{figure, persons, images, ..., per_cent, error}]"""
    wrong = [Truth(persons, image=image) for image, persons in product((0.0, 0.5, 1.0), (2, 3, 5, 10, 20))]
    found = [
        Truth(*sizes, distance) for distance, *sizes in product((0.5, 1.0), (3, 5, 10, 20), (24, 48, 96))
    ]
    for truth in [*wrong, *found]:
        random = generator("benchmark", "quiz", str(truth))
        said = np.array([verdict(*answered(truth, random)) for _ in range(draws)])
        share = float((said > 0).mean() if truth.distance else (said != 0).mean())
        error = 100 * (share * (1 - share) / draws) ** 0.5
        about = {"per_cent": round(100 * share, 1), "error": round(error, 1)}
        yield {"figure": "found" if truth.distance else "false"} | truth._asdict() | about
    random, looks = generator("benchmark", "quiz", "looks"), range(5, 21)
    said = []
    for _ in range(draws // 2):
        sheets, truth = answered(Truth(looks[-1]), random)
        said.append(any(verdict(sheets[:persons], truth) for persons in looks))
    yield {"figure": "false, a look after each of 5 to 20 persons", "per_cent": 100 * float(np.mean(said))}


if __name__ == "__main__":
    rows = []
    for row in figures(int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS):
        rows.append(row)
        print(row, file=sys.stderr)
    result = {"topic": "quiz", "figures": rows, "machine": machine(["numpy", "scipy"])}
    print(json.dumps(result | {"date": datetime.now(UTC).strftime("%Y-%m-%d")}, allow_nan=False))

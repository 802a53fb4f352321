"""How well people tell generated images from real ones, with intervals that know how few they are."""

from statistics import NormalDist, mean, median

import numpy as np
from scipy.special import ndtri

from synthem.metrics.ranges import wilson
from synthem.quiz.intervals import CONFIDENCE, persons_and_images
from synthem.quiz.patches import TEST, TRAINING

COLUMNS = ("person", "source", "score", "n", "value", "low", "high")
EVERYONE = "everyone"
ALL, GENERATED, REAL = "all images", "generated images", "real images"
SHARES = ("accuracy", "called_real")
CHANCE = 0.5  # half of the images are real


def score_quiz(sheets, truth):
    """Sheets of answers and the truth of the quiz -> rows of COLUMNS.

    accuracy: the part of the answers that are right. called_real: the part of the images of a source that
    were taken for real. d_prime: the distance between the two kinds of images as this person sees them, in
    standard deviations; 0 is none (Macmillan and Creelman 2005). seconds: the median time of an answer.
    Of a person, n counts images; of `everyone`, whose values are means over persons, it counts persons.
    """
    sources = [item["source"] for item in truth["items"]]
    groups = _groups(truth)
    rows = []
    for sheet in sheets:
        rows += [{"person": sheet.person, **row} for row in _of_person(sheet, sources, groups)]
    own = [(row["source"], row["score"]) for row in rows[: len(rows) // len(sheets)]]
    said = np.array([[answer == "real" for answer in sheet.answers] for sheet in sheets])
    members = {name: np.isin(sources, group) for name, group in groups.items()}
    return [
        *(
            {"person": EVERYONE, **_of_all(rows, source, score, _influences(said, members, source, score))}
            for source, score in own
        ),
        *rows,
    ]


def painted_sources(truth):
    """The data sets whose images were shown, by name."""
    return sorted({item["source"] for item in truth["items"]} - {TEST, TRAINING})


def _groups(truth):
    """{name: the sources that it means}: first all real and all generated images, then each source."""
    shown = {item["source"] for item in truth["items"]}
    real, painted = [name for name in (TEST, TRAINING) if name in shown], painted_sources(truth)
    return {REAL: real, GENERATED: painted} | {name: [name] for name in (*real, *painted)}


def _of_person(sheet, sources, groups):
    real = [source in groups[REAL] for source in sources]
    said = [answer == "real" for answer in sheet.answers]
    right = sum(one == other for one, other in zip(real, said, strict=True))
    yield _share(ALL, "accuracy", right, len(said))
    counts = {}
    for name, members in groups.items():
        own = [one for one, source in zip(said, sources, strict=True) if source in members]
        counts[name] = (sum(own), len(own))
        yield _share(name, "called_real", *counts[name])
    distance = d_prime(*counts[REAL], *counts[GENERATED])
    yield {"source": ALL, "score": "d_prime", "n": len(said), "value": distance, "low": None, "high": None}
    middle = median(sheet.seconds)
    yield {"source": ALL, "score": "seconds", "n": len(said), "value": middle, "low": None, "high": None}


def _share(source, score, count, of):
    low, high = wilson(count, of, CONFIDENCE)
    return {"source": source, "score": score, "n": of, "value": count / of, "low": low, "high": high}


def _of_all(rows, source, score, influences):
    own = [row for row in rows if (row["source"], row["score"]) == (source, score)]
    values = [row["value"] for row in own]
    low, high = persons_and_images(values, influences)
    if score in SHARES and len(own) > 1 and min(part.shape[1] for part in influences) > 1:
        # Persons that happen to agree would have an interval of no width: it is at least that of all answers.
        of = sum(row["n"] for row in own)
        least = wilson(sum(row["value"] * row["n"] for row in own), of, CONFIDENCE)
        low, high = least if low is None else (min(low, least[0]), max(high, least[1]))
        low, high = max(0.0, low), min(1.0, high)
    return {"source": source, "score": score, "n": len(own), "value": mean(values), "low": low, "high": high}


def _influences(said, members, source, score):
    """What `persons_and_images` asks for; said: bool [persons, images], members: {group: bool [images]}."""
    kinds = members[REAL], members[GENERATED]
    if score == "accuracy":
        return [(said == members[REAL])[:, kind] * kind.mean() for kind in kinds]
    if score == "d_prime":
        return [_influence_on_z(said[:, kind]) for kind in kinds]
    return [said[:, members[source]].astype(float)] if score == "called_real" else []


def _influence_on_z(said):
    """What each image adds to z of a person's share of `said` [persons, images]: by jackknife."""
    count, of = said.sum(axis=1, keepdims=True), said.shape[1]
    return (of - 1) * (ndtri((count + 0.5) / (of + 1)) - ndtri((count - said + 0.5) / of))


def d_prime(real_called_real, real, generated_called_real, generated):
    """z of the part of real images called real, less that of generated ones; half an answer is added to
    each side, so that a perfect score is a number (Hautus 1995)."""
    z = NormalDist().inv_cdf
    return z((real_called_real + 0.5) / (real + 1)) - z((generated_called_real + 0.5) / (generated + 1))

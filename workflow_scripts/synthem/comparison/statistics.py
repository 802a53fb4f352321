"""Compares each arm with the reference: the difference, its interval and p, what it varies with, the verdict.

All arms of a replicate share its labelled slices and its seeds, so that scores are compared in pairs of one
replicate, on the same test slices.
"""

from typing import NamedTuple

from synthem.comparison.layout import estimate, pooled
from synthem.comparison.pairs import endpoint_of, pairs
from synthem.comparison.planning import needed_replicates
from synthem.comparison.verdicts import (
    MOST_REJECTED,
    better,
    control_failure,
    holm,
    interval,
    judge,
    p_difference,
    p_equivalence,
)
from synthem.metrics.definitions import BASELINES, NOT_TRAINED

COMPARISON_COLUMNS = (
    "volume",
    "arm",
    "budget",
    "reference",
    "endpoint",
    "n_replicates",
    "planned_replicates",
    "n_blocks",
    "reference_score",
    "arm_score",
    "difference",
    "low",
    "high",
    "df",
    "p",
    "p_adjusted",
    "p_equivalence",
    "better",
    "confidence",
    "smallest_effect",
    "verdict",
    "reason",
    "needed_replicates",
)
COMPONENT_COLUMNS = (
    "volume",
    "arm",
    "budget",
    "reference",
    "endpoint",
    "component",
    "n",
    "variance",
    "sd",
    "share",
)


class Comparison(NamedTuple):
    """Rows of two tables."""

    rows: list  # of COMPARISON_COLUMNS: one for each arm and budget
    components: list  # of COMPONENT_COLUMNS: one for each source of variance of each of them


def compare(
    scores, *, reference, unlearnt, controls, endpoint, confidence, smallest_effect, planned_replicates
):
    """Scores of one target (DataFrame of columns.SCORE_COLUMNS) -> Comparison.

    difference: of the endpoint (`pairs.endpoint_of`), arm - reference, mean over replicates, on all test
    slices. low, high: `verdicts.interval`. p: of "no difference", valid at every look (`looks`). p_adjusted,
    p_equivalence: after Holm over all arms and budgets but controls. better: `verdicts.better`.
    needed_replicates: where this study goes on, for 80 % power at smallest_effect; None if no number up to
    200 is enough. unlearnt {budget: why}: where the reference is none (`learning.unlearnt`). controls {arm:
    copies or mismatched}. Rows of several volumes, or of folds under a name each in the column `volume`, are
    strata of equal weight.

    verdict: "no answer" where the networks of the reference have not learnt, where the generator of the arm
    was rejected in more than MOST_REJECTED of its replicates, or where a control fails; else
    `verdicts.judge`.
    """
    of_endpoint = endpoint_of(endpoint)
    settings = {"confidence": confidence, "smallest_effect": smallest_effect}
    rows, estimates, looks = [], [], []
    for arm, budget in _compared(scores, reference):
        found = _estimate(scores, of_endpoint, reference=reference, arm=arm, budget=budget)
        look = {"replicates": _replicates(scores, reference, budget), "planned": planned_replicates}
        row = (
            dict.fromkeys(COMPARISON_COLUMNS)
            | settings
            | {"volume": _name(scores), "arm": arm, "budget": budget}
        )
        row |= {"reference": reference, "endpoint": endpoint, "planned_replicates": planned_replicates}
        rows.append(row | _numbers(found, look, sign=of_endpoint.sign, **settings))
        estimates.append(found)
        looks.append(look)
    _adjust(rows, controls)
    family = max(1, sum(row["arm"] not in controls for row in rows))
    for row, found, look in zip(rows, estimates, looks, strict=True):
        row["needed_replicates"] = _needed(found, row, 1 if row["arm"] in controls else family)
        row["verdict"], row["reason"] = judge(row, sign=of_endpoint.sign, look=look)
    _withhold(rows, scores, unlearnt, controls)
    parts = [
        part for row, found in zip(rows, estimates, strict=True) if found for part in _components(row, found)
    ]
    return Comparison(rows, parts)


def _compared(scores, reference):
    """(arm, budget) of all that is or should have been compared, in the order of the table."""
    named = scores[["arm", "budget"]].astype(str).drop_duplicates().itertuples(index=False, name=None)
    return [own for own in named if own[0] not in BASELINES and own[0] != reference]


def _of(scores, arm, budget):
    return scores[(scores["arm"] == arm) & (scores["budget"].astype(str) == budget)]


def _replicates(scores, arm, budget):
    """Replicates that have been run, with networks or without; of strata the fewest."""
    return int(_of(scores, arm, budget).groupby("volume")["replicate"].nunique().min())


def _name(scores):
    return " + ".join(scores["volume"].astype(str).unique())


def _estimate(scores, endpoint, **arms):
    """Estimate of the difference, None where a stratum has none."""
    strata = [
        estimate(pairs(own, endpoint, **arms), endpoint) for _, own in scores.groupby("volume", sort=False)
    ]
    if None in strata:
        return None
    return strata[0] if len(strata) == 1 else pooled(strata)


def _numbers(found, look, *, sign, confidence, smallest_effect):
    if not found:
        return {"n_replicates": 0, "n_blocks": 0}
    low, high = interval(found, confidence=confidence, look=look)
    return {
        "n_replicates": found.replicates,
        "n_blocks": found.blocks,
        "reference_score": found.reference,
        "arm_score": found.arm,
        "difference": found.difference,
        "low": low,
        "high": high,
        "df": found.df,
        "p": p_difference(found, look),
        "p_equivalence": p_equivalence(found, smallest_effect, look),
        "better": better(found, sign),
    }


def _adjust(rows, controls):
    """Holm over what is asked; a control asks nothing, and is held to its own p."""
    for row in rows:
        row["p_adjusted"] = row["p"]
    family = [row for row in rows if row["p"] is not None and row["arm"] not in controls]
    for name, adjusted in (("p", "p_adjusted"), ("p_equivalence", "p_equivalence")):
        for row, p in zip(family, holm([row[name] for row in family]), strict=True):
            row[adjusted] = p


def _needed(found, row, family):
    if not found:
        return None
    return needed_replicates(
        found.components,
        blocks=found.blocks,
        effect=row["smallest_effect"],
        confidence=row["confidence"],
        planned_replicates=row["planned_replicates"],
        family=family,
        seeds=found.seeds,
    )


def _withhold(rows, scores, unlearnt, controls):
    """Writes "no answer" over verdicts that have nothing to rest on."""
    failures = {}
    for row in rows:
        failure = control_failure(controls.get(row["arm"]), row)
        if failure:
            failures.setdefault(row["budget"], []).append(failure)
    for row in rows:
        why = [_rejected(scores, row["arm"], row["budget"]), unlearnt.get(row["budget"], "")]
        if row["arm"] not in controls:
            why += failures.get(row["budget"], [])
        if any(why):
            row["verdict"], row["reason"] = "no answer", "; ".join(filter(None, why))


def _rejected(scores, arm, budget):
    """Why an arm has no networks in too many of its replicates; "" where it has enough."""
    own = _of(scores, arm, budget)
    n = len(own[["volume", "replicate"]].drop_duplicates())
    without = own[own["scope"] == NOT_TRAINED].drop_duplicates(["volume", "replicate"])
    if len(without) <= MOST_REJECTED * n:
        return ""
    return f"{len(without)} of {n} replicates have no networks: {without['reason'].iloc[0]}"


def _components(row, found):
    """Rows of COMPONENT_COLUMNS; share: of the variance of the difference."""
    own, replicates, blocks = found.components, found.replicates, found.blocks
    sources = {
        "replicates": (replicates, own.replicates, own.replicates / replicates),
        "seeds": (found.seeds, own.seeds, own.seeds / found.seeds / replicates),
        "blocks": (blocks, own.blocks, own.blocks / blocks),
        "rest": (replicates * blocks, own.rest, own.rest / replicates / blocks),
    }
    if found.seeds == 1:
        del sources["seeds"]
    whole = sum(part for _, _, part in sources.values()) or 1.0
    identity = {name: row[name] for name in COMPONENT_COLUMNS if name in row}
    return [
        identity | {"component": name, "n": n, "variance": v, "sd": v**0.5, "share": part / whole}
        for name, (n, v, part) in sources.items()
    ]

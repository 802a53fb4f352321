"""Compares each arm with the reference: the difference, its interval and p, what it varies with, the verdict.

All arms of a replicate share its labelled slices and its seeds, so that scores are compared in pairs of one
replicate, on the same test slices.
"""

from typing import NamedTuple

from synthem.comparison.layout import Estimate, estimate, plain_means, pooled_components
from synthem.comparison.pairs import COUNTS, endpoint_of, pairs
from synthem.comparison.planning import needed_replicates, possible_components, prior
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
    "effective_blocks",
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
    "needed_anew",
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


class Case(NamedTuple):
    """One arm with one budget, beside the reference."""

    arm: str
    budget: str
    estimate: Estimate | None
    look: dict  # {replicates, planned} of `looks.level`: of all that were run, with networks or without
    seen: dict | None = None  # where there is no estimate: what `_seen` says
    expected: tuple | None = None  # of `expected_of`


def compare(
    scores, *, reference, unlearnt, controls, endpoint, confidence, smallest_effect, planned_replicates
):
    """Scores of one target (DataFrame of columns.SCORE_COLUMNS) -> Comparison.

    difference: of the endpoint (`pairs.endpoint_of`), arm - reference, mean over replicates, on all slices.
    low, high: `verdicts.interval`. p: of "no difference", valid at every look (`looks`). p_adjusted,
    p_equivalence: after Holm over all arms and budgets but controls. better: `verdicts.better`.
    needed_replicates: where this study goes on, for 80 % power at smallest_effect; None if 200 are too few.
    needed_anew: in a new study that plans them; both are means over what is `planning.possible`. Of one
    replicate or slice there are means and nothing else.
    unlearnt {budget: why}: where the reference is none (`learning.unlearnt`). controls {arm: copies or
    mismatched}. Rows of several volumes, or of folds under a name each in the column `volume`, are strata of
    equal weight: a replicate counts where all of them have it (`layout.estimate`).

    verdict: "no answer" where the networks of the reference have not learnt, where a generator of the arm or
    of the reference was rejected in more than MOST_REJECTED of the replicates, or where a control fails; else
    `verdicts.judge`.
    """
    scores = scores.assign(budget=scores["budget"].astype(str))
    of = endpoint_of(endpoint)
    cases = []
    for arm, budget in _compared(scores, reference):
        look = {"replicates": _replicates(scores, reference, budget), "planned": planned_replicates}
        cases.append(case_of(scores, of, look, reference=reference, arm=arm, budget=budget))
    own = {"volume": " + ".join(scores["volume"].astype(str).unique()), "reference": reference}
    own |= {"endpoint": endpoint, "planned_replicates": planned_replicates}
    decided = decide(
        cases, controls=controls, sign=of.sign, confidence=confidence, smallest_effect=smallest_effect
    )
    rows = [dict.fromkeys(COMPARISON_COLUMNS) | own | row for row in decided]
    _withhold(rows, scores, {str(budget): why for budget, why in unlearnt.items()}, controls)
    found = [(row, case.estimate) for row, case in zip(rows, cases, strict=True) if case.estimate]
    return Comparison(rows, [part for row, estimate in found for part in _components(row, estimate)])


def decide(cases, *, controls, sign, confidence, smallest_effect):
    """Cases of one family -> dicts of numbers, verdict and reason; sign: 1 where a higher score is better."""
    claims = {"confidence": confidence, "smallest_effect": smallest_effect}
    rows = [
        {"arm": case.arm, "budget": case.budget} | claims | _numbers(case, sign=sign, **claims)
        for case in cases
    ]
    family = [
        row for row in rows if row["arm"] not in controls
    ]  # a control asks nothing: it is held to its own p
    for name in ("p_adjusted", "p_equivalence"):
        own = [row for row in family if row[name] is not None]
        for row, p in zip(own, holm([row[name] for row in own]), strict=True):
            row[name] = p
    for row, case in zip(rows, cases, strict=True):
        members = 1 if case.arm in controls else len(family)
        needed, anew = (_needed(case, row, members, planned) for planned in (case.look["planned"], None))
        row |= {"needed_replicates": needed, "needed_anew": anew}
        row["verdict"], row["reason"] = judge(row, sign=sign, look=case.look, anew=anew)
    return rows


def _compared(scores, reference):
    """(arm, budget) of all that is or should have been compared, in the order of the table."""
    named = scores[["arm", "budget"]].drop_duplicates().itertuples(index=False, name=None)
    return [own for own in named if own[0] not in BASELINES and own[0] != reference]


def _of(scores, arm, budget):
    return scores[(scores["arm"] == arm) & (scores["budget"] == budget)]


def _replicates(scores, arm, budget):
    """Replicates that have been run, with networks or without; of strata the fewest."""
    counts = _of(scores, arm, budget).groupby("volume")["replicate"].nunique()
    return int(counts.min()) if len(counts) else 0


def case_of(scores, endpoint, look, *, reference, arm, budget):
    """The Case of an arm with a budget, of all volumes as one."""
    volumes = scores.groupby("volume", sort=False)
    strata = [pairs(own, endpoint, reference=reference, arm=arm, budget=budget) for _, own in volumes]
    found = estimate(strata, endpoint)
    if not found:
        return Case(arm, budget, None, look, seen=_seen(strata, endpoint))
    return Case(arm, budget, found, look, expected=expected_of(strata, endpoint))


def expected_of(strata, endpoint):
    """(Components, blocks) that are expected of test slices of `pairs.Pairs`; None of scores in bits."""
    if endpoint.columns != COUNTS:
        return None
    parts = [prior(own.arm.shape[1]) for own in strata]
    return pooled_components(parts), sum(blocks for _, blocks in parts)


def _seen(strata, endpoint):
    """What one replicate, or one test slice, shows: means without an interval."""
    found = plain_means(strata, endpoint)
    if not found:
        return {}
    reference, arm, replicates = found
    return {
        "n_replicates": replicates,
        "reference_score": reference,
        "arm_score": arm,
        "difference": arm - reference,
    }


def _numbers(case, *, sign, confidence, smallest_effect):
    found, look = case.estimate, case.look
    if not found:
        empty = dict.fromkeys(("difference", "low", "high", "p", "p_adjusted", "p_equivalence"))
        return empty | {"n_replicates": 0, "n_blocks": 0, "effective_blocks": 0.0} | (case.seen or {})
    low, high = interval(found, confidence=confidence, look=look)
    p = p_difference(found, look)
    return {
        "n_replicates": found.replicates,
        "n_blocks": found.blocks,
        "effective_blocks": found.effective_blocks,
        "reference_score": found.reference,
        "arm_score": found.arm,
        "difference": found.difference,
        "low": low,
        "high": high,
        "df": found.df,
        "p": p,
        "p_adjusted": p,
        "p_equivalence": p_equivalence(found, smallest_effect, look),
        "better": better(found, sign),
    }


def _needed(case, row, family, planned):
    found = case.estimate
    if not found:
        return None
    sizes = {"blocks": found.blocks, "seeds": found.seeds}
    return needed_replicates(
        possible_components(found.components, replicates=found.replicates, expected=case.expected, **sizes),
        effect=row["smallest_effect"],
        confidence=row["confidence"],
        planned_replicates=planned,
        family=family,
        run=case.look["replicates"],
        **sizes,
    )


def _withhold(rows, scores, unlearnt, controls):
    """Writes "no answer" over verdicts that have nothing to rest on."""
    failures = {}
    for row in rows:
        failure = control_failure(controls.get(row["arm"]), row)
        if failure:
            failures.setdefault(row["budget"], []).append(failure)
    for row in rows:
        why = [rejected(scores, row["arm"], row["budget"])]
        if rejection := rejected(scores, row["reference"], row["budget"]):
            why.append(f"of the reference {row['reference']}, {rejection}")
        why.append(unlearnt.get(row["budget"], ""))
        if row["arm"] not in controls:
            why += failures.get(row["budget"], [])
        if any(why):
            row["verdict"], row["reason"] = "no answer", "; ".join(filter(None, why))


def rejected(scores, arm, budget):
    """Why an arm has no networks in too many of its replicates; "" where it has enough.

    Of several volumes, a replicate that has none in one of them counts in none.
    """
    own = _of(scores, arm, budget)
    n = own["replicate"].nunique()
    without = own[own["scope"] == NOT_TRAINED].drop_duplicates("replicate")
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

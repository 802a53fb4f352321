"""Everything that is compared in a study: tables, and the answer in words, of each target and of all."""

from typing import NamedTuple

import pandas as pd

from synthem.comparison.answers import answer_of
from synthem.comparison.arms import controls_of
from synthem.comparison.caveats import caveats, of_targets
from synthem.comparison.learning import unlearnt
from synthem.comparison.statistics import COMPARISON_COLUMNS, COMPONENT_COLUMNS, compare
from synthem.comparison.summaries import OF_PARTITION, OF_RUN, differences, slice_means, summarise
from synthem.metrics.definitions import PARTITIONS, RANKING, SCORES
from synthem.storage.frames import frame_of, rows_of

AFTER = COMPARISON_COLUMNS.index("budget") + 1
TABLE_COLUMNS = (*COMPARISON_COLUMNS[:AFTER], "labelled_slices", *COMPARISON_COLUMNS[AFTER:], "caveat")


class StudyTables(NamedTuple):
    """Frames of the tables of a study, and what verdict.json holds."""

    comparison: pd.DataFrame  # of TABLE_COLUMNS
    components: pd.DataFrame
    summary: pd.DataFrame
    partition_summary: pd.DataFrame
    differences: pd.DataFrame
    answer: dict


def study_tables(
    scores, partitions, losses, *, comparison, reference, arms, structure, stops_early, planned_replicates
):
    """Frames of SCORE_COLUMNS and PARTITION_COLUMNS -> StudyTables.

    losses {arm: {budget: [losses of every step, per run]}}; comparison: {endpoint, confidence,
    smallest_effect}; arms: {name: {sets, then, switch, variant, data_sets}}; stops_early {arm: whether its
    trainings end when the validation loss levels}.
    """
    judged = of_endpoint(scores, partitions, comparison["endpoint"])
    without_answer = unlearnt(
        rows_of(judged),
        losses[reference],
        reference=reference,
        # Where cells fill the volume, to mark everything has an IoU that no network can beat.
        score="voi" if comparison["endpoint"] == "voi" else "iou",
        least_gain=comparison["smallest_effect"],
        stops_early=stops_early[reference],
    )
    limits = {"arms": arms, "stops_early": stops_early, "endpoint": comparison["endpoint"]}
    rows, components, answer = _compared(
        judged,
        slices=slices_of(scores),
        unlearnt=without_answer,
        caveat=caveats(rows_of(judged), losses, **limits),
        reference=reference,
        arms=arms,
        structure=structure,
        comparison=comparison,
        planned_replicates=planned_replicates,
    )
    settings = {"confidence": comparison["confidence"]}
    partitions = pd.concat(
        [partitions, slice_means(partitions, PARTITIONS, of=OF_PARTITION)], ignore_index=True
    )
    changes = pd.concat(
        [
            differences(scores, SCORES, of=OF_RUN, reference=reference, **settings),
            differences(partitions, PARTITIONS, of=OF_PARTITION, reference=reference, **settings),
        ],
        ignore_index=True,
    )
    return StudyTables(
        rows,
        components,
        summarise(scores, SCORES, of=OF_RUN, **settings),
        summarise(partitions, PARTITIONS, of=OF_PARTITION, **settings),
        changes,
        answer | {"looked_at": looked_at(changes)},
    )


def all_targets(scores, partitions, answers, compared, *, comparison, **study):
    """The tables of several targets as one: (comparison, components, answer), as of StudyTables.

    Targets, or folds of one stack, are strata of equal weight: the difference is the mean of theirs.
    scores, partitions: rows of all of them. answers {target: its verdict.json}: where the networks of one
    have not learnt, there is no answer for all. compared {target: rows of its comparison.csv}. study:
    reference, arms, structure, planned_replicates.
    """
    without_answer = {}
    for target, answer in answers.items():
        for row in answer["unlearnt"]:
            without_answer.setdefault(row["budget"], f"in {target}, {row['reason']}")
    return _compared(
        of_endpoint(scores, partitions, comparison["endpoint"]),
        slices=_slices_alike([slices_of(own) for _, own in scores.groupby("volume", sort=False)]),
        unlearnt=without_answer,
        caveat=of_targets(compared),
        comparison=comparison,
        **study,
    )


def _compared(
    scores, *, slices, unlearnt, caveat, reference, arms, structure, comparison, planned_replicates
):
    """(Frame of TABLE_COLUMNS, frame of COMPONENT_COLUMNS, answer).

    slices {budget: labelled slices}; caveat {(arm, budget): words}.
    """
    found = compare(
        scores,
        reference=reference,
        unlearnt=unlearnt,
        controls=controls_of(arms),
        planned_replicates=planned_replicates,
        **comparison,
    )
    rows = [
        row
        | {"labelled_slices": slices[row["budget"]], "caveat": caveat.get((row["arm"], row["budget"]), "")}
        for row in found.rows
    ]
    answer = answer_of(rows, arms=arms, structure=structure, endpoint=comparison["endpoint"])
    answer |= comparison | {
        "reference": reference,
        "unlearnt": [
            {"budget": budget, "labelled_slices": slices[budget], "reason": reason}
            for budget, reason in unlearnt.items()
        ],
    }
    return frame_of(rows, TABLE_COLUMNS), frame_of(found.components, COMPONENT_COLUMNS), answer


def of_endpoint(scores, partitions, endpoint):
    """The rows that hold the endpoint, with those of runs that were not trained.

    Of cells, the row of a whole block has the mean of its slices, which the verdict is about: where they are
    cut slice by slice, the block's own score counts them as broken in z, whatever the network.
    """
    if endpoint in SCORES:
        return scores
    untrained = scores[~scores["scope"].isin(["slice", "volume"])]
    ranking = partitions[partitions["convention"] == RANKING]
    means = slice_means(ranking, [endpoint], of=("volume", *OF_RUN)).drop(columns="slice")
    whole = ranking[ranking["scope"] == "volume"].drop(columns=endpoint).merge(means, how="left")
    rows = [ranking[ranking["scope"] == "slice"], whole]
    return pd.concat([*rows, untrained[untrained.columns.intersection(ranking.columns)]], ignore_index=True)


def slices_of(scores):
    """{budget: labelled slices}; None where no run tells."""
    known = scores.dropna(subset="labelled_slices").groupby("budget")["labelled_slices"].first()
    return dict.fromkeys(scores["budget"]) | {budget: int(number) for budget, number in known.items()}


def _slices_alike(of_targets):
    """{budget: labelled slices}; None where targets differ, as they may with the budget `all`."""
    first = of_targets[0]
    return {
        budget: number if all(own.get(budget) == number for own in of_targets) else None
        for budget, number in first.items()
    }


def looked_at(changes):
    """How many differences of differences.csv have an interval, and how many of these leave out 0."""
    apart = (changes["low"] > 0) | (changes["high"] < 0)
    return {
        "scores": int(changes[["metric", "convention", "scope"]].drop_duplicates().shape[0]),
        "intervals": int(changes["low"].notna().sum()),
        "without_zero": int(apart.sum()),
    }

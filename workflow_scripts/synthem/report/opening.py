"""The first screen: verdict, effect, interval, score, scope, cost, and what to do next."""

from synthem.comparison.answers import ENDPOINTS, budgets_text
from synthem.report.blocks import number_text
from synthem.report.rendering import block
from synthem.report.runs import WHAT_RAN
from synthem.report.terms import EXPLAINED, around, interval_of_difference
from synthem.report.text import CONTROLS_ALONE, NO_INTERVAL, ONE_ARM
from synthem.report.verdict import (
    asked_rows,
    cautions,
    has_number,
    headline,
    leading,
    still_open,
    without_answer,
)
from synthem.storage.durations import duration
from synthem.storage.naming import count_text, labels_text, percent
from synthem.storage.volumes import open_volume


def opening(comparisons, answer, *, question, means, data, record, steps, links=()):
    """Html of the first screen, and its sentences as text.

    means: rows of the summary that hold the endpoint; data: of `data_of` the target; record: provenance.json;
    steps: of `next_steps`; links {arm: address of what its networks were made from}.
    """
    rows = asked_rows(comparisons, answer)
    symbol, tone, words, meaning = headline_of(comparisons, answer, means)
    if rows:
        meaning = [meaning, *still_open(rows), *cautions(rows), *without_answer(rows)]
    else:
        meaning = [meaning, *map(_unlearnt, answer["unlearnt"])]
    facts = [*effect(rows, answer, means, dict(links)), *scope(answer, means, data), cost(record)]
    shown = block(
        "opening",
        **{"question": question, "symbol": symbol, "tone": tone, "words": words, "meaning": meaning},
        facts=facts,
        steps=steps,
    )
    return shown, as_text([question, words, *meaning], facts, steps)


def headline_of(comparisons, answer, means=()):
    """`verdict.headline` for the arms that the question is about; without any, the score of the reference."""
    rows = asked_rows(comparisons, answer)
    if rows:
        return headline(rows, answer["subject"])
    symbol, words, meaning = CONTROLS_ALONE if comparisons else ONE_ARM
    own = [row for row in means if row["arm"] == answer["reference"]]
    scores = ", ".join(f"{number_text(row['mean'])} with {budgets_text([row])}" for row in own)
    return symbol, "undecided", words.format(ENDPOINTS[answer["endpoint"]], scores or "no score"), meaning


def effect(rows, answer, means, links):
    """Facts of the effect: of the comparison that got furthest, the one with the largest difference."""
    shown = [row for row in leading(rows) if has_number(row)] if rows else []
    score = ENDPOINTS[answer["endpoint"]]
    if not shown:
        own = [row for row in means if row["arm"] == answer["reference"] and row["mean"] is not None]
        for row in own[:2]:
            link = links.get(row["arm"], "")
            yield fact(f"{score} of {row['arm']}", _mean(row), f"with {budgets_text([row])}.", link)
        return
    row = max(shown, key=lambda one: abs(one["difference"]))
    many = f"; the largest of {len(shown)} changes, which a table below lists" if len(shown) > 1 else ""
    pair = (row["arm"], row["arm_score"]), (row["reference"], row["reference_score"])
    scores = ", ".join(f"{name} {number_text(value)}" for name, value in pair)
    change = f"{number_text(row['difference'], signed=True)} {score}"
    note = f"{scores}, with {budgets_text([row])}{many}."
    yield fact("Effect", change, note, links.get(row["arm"], ""))
    interval = NO_INTERVAL if row["low"] is None else interval_of_difference(row)
    matters = f"within ±{answer['smallest_effect']:g} a difference does not matter"
    yield fact(f"{percent(answer['confidence'])} interval", interval, matters)


def scope(answer, means, data):
    """Facts of what was measured: the score, the data, the labels and the replicates."""
    endpoint = answer["endpoint"]
    yield fact("Score", ENDPOINTS[endpoint], EXPLAINED[endpoint])
    yield fact("Data", count_text(data["tested"], "test slice"), f"{_extent(**data)} nm in all")
    budgets = {row["budget"]: row for row in means}
    replicates = max((row["n_replicates"] for row in means), default=0)
    if budgets:
        labels = "" if set(budgets) == {"all"} else "labels and "
        note = f"in each, {labels}all networks are drawn anew"
        yield fact("Labels", f"{budgets_text(budgets.values())}, {count_text(replicates, 'replicate')}", note)


def data_of(path):
    """Facts of a volume as networks see it, all its stacks, resized.

    {shape, voxel_size_nm, tiles, tested, apart}. tiles: (y, x) of each slice where they are pictures of
    places of their own, () of a stack. tested: test slices; apart: whether they are a stack of their own.
    """
    with open_volume(path) as volume:
        facts, test = volume.facts, volume.facts.blocks["test"]
        starts = [first for first, _ in facts.own_stacks]
        return {
            "shape": volume.shape[:3],
            "voxel_size_nm": facts.voxel_size_nm,
            "tiles": () if facts.linked else facts.tiles,
            "tested": sum(end - first for first, end in test),
            "apart": bool(test) and test[0][0] in starts,
        }


def _extent(shape, voxel_size_nm, tiles, **_):
    """`8 × 5 × 6 voxels of 5 × 7.5 × 7.5`, of tiles without what fills small ones up, and without a depth."""
    if not tiles:
        return f"{_times(shape)} voxels of {_times(voxel_size_nm)}"
    sizes = sorted(set(tiles), key=lambda size: (size[0] * size[1], size))
    ends = " to ".join(map(_times, dict.fromkeys((sizes[0], sizes[-1]))))
    return f"{count_text(len(tiles), 'tile')} of {ends} pixels of {_times(voxel_size_nm[1:])}"


def _times(sizes):
    return " × ".join(f"{one:g}" for one in sizes)


def cost(record):
    """The time of all jobs, also of other targets; what was trained for this one, and on what."""
    trained = count_text(len(record["networks"]), "network")
    seconds = sum(row["seconds"] for row in record["durations"])
    targets = len(record["config"]["targets"])
    own, of_all = (" for this one", f" for all {targets} volumes") if targets > 1 else ("", "")
    note = f"{trained} trained{own} ({', '.join(record['devices'])}; {record['machine']})."
    return fact("Cost", f"{duration(seconds)} of computing{of_all}", note, link=WHAT_RAN)


def fact(name, value, note="", link=""):
    return {"name": name, "value": value, "note": note, "link": link}


def as_text(lines, facts, steps):
    """The first screen for a terminal: a few lines, then name and value of each fact, then what to do."""
    notes = [f" ({one['note'].rstrip('.')})" if one["note"] else "" for one in facts]
    told = [f"{one['name']}: {one['value']}{note}" for one, note in zip(facts, notes, strict=True)]
    return "\n".join([*lines, "", *told, "", "What to do next:", *(f"- {step}" for step in steps)]) + "\n"


def _mean(row):
    """`0.808 ± 0.027`, or with the ends of the interval: `0.847 (0.579 to 1.000)`."""
    mean = number_text(row["mean"])
    if row["low"] is None:
        return mean
    beside = around(*(row[key] for key in ("mean", "low", "high", "metric")))
    return f"{mean} {beside}" if beside.startswith("±") else f"{mean} ({beside})"


def _unlearnt(row):
    return f"With {labels_text(row['budget'], row['labelled_slices'])}, {row['reason']}."

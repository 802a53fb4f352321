"""Two finished folders of results: what was set differently, and which arms came out differently."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from synthem.comparison.answers import ENDPOINTS, NO_ANSWER, budgets_text, signed
from synthem.comparison.pairs import endpoint_of
from synthem.comparison.statistics import case_of, decide, rejected
from synthem.comparison.tables import of_endpoint, slices_of
from synthem.errors import SynthemError
from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
from synthem.metrics.definitions import BASELINES
from synthem.storage.files import read_json
from synthem.storage.frames import read_frame
from synthem.storage.naming import count_text, labels_text
from synthem.storage.tables import read_table

OLD, NEW = "old", "new"
SETTING_COLUMNS = ("key", OLD, NEW)
FOLDER_COLUMNS = (
    *("volume", "arm", "budget", "labelled_slices", "n_replicates", "n_blocks"),
    *("reference_score", "arm_score", "difference", "low", "high", "p_adjusted", "verdict", "reason"),
    "caveat",
)
SHARED = ("labels", "split", "volumes", "structure", "phantoms", "metrics")  # or pairs are no pairs


class Compared(NamedTuple):
    """What two folders differ in."""

    settings: list  # rows of SETTING_COLUMNS: keys of the config with other values, data with other content
    results: list  # rows of FOLDER_COLUMNS: new - old, per volume, arm and budget that both have
    page: str  # the same to read


def compare_folders(folders):
    """[old, new] folders of results (`results/`) -> Compared; verdicts are of the new against the old one.

    Replicates are paired by their number: it draws the same labelled slices and the same seeds in both.
    What the endpoint is and which difference matters is as the new folder has it.
    """
    if len(folders) != 2:
        raise SynthemError(
            "CONFIG_VALUE",
            "compare",
            f"{count_text(len(folders), 'folder')}",
            expected="two folders of results, the old one first",
            fix='snakemake compare --config compare="[results-old, results]"',
        )
    old, new = folders
    volumes = [name for name in _volumes(old) if name in _volumes(new)]
    if not volumes:
        names = [", ".join(_volumes(folder)) or "no volume" for folder in folders]
        raise SynthemError(
            "FILE_READ",
            f"{old}, {new}",
            f"tables of {names[0]}, and of {names[1]}",
            expected="tables/<volume>/scores.csv and report/<volume>/provenance.json of one volume in both",
            fix="name two finished folders of results",
        )
    configs = [read_json(_record(folder, volumes[0]))["config"] for folder in (old, new)]
    contents = [_contents(folder, volumes) for folder in (old, new)]
    changes = [*config_changes(*configs), *data_changes(*contents)]
    settings = [{"key": key, OLD: before, NEW: after} for key, before, after in changes]
    comparison = configs[1]["comparison"]
    tables = {volume: [_tables(folder, volume) for folder in (old, new)] for volume in volumes}
    unlearnt = {volume: _unlearnt((old, new), volume) for volume in volumes}
    caveat = {volume: _caveats((old, new), volume) for volume in volumes}
    results = [
        row | {"caveat": caveat[row["volume"]].get((row["arm"], str(row["budget"])), "")}
        for row in paired_verdicts(tables, unlearnt=unlearnt, **comparison)
    ]
    lines = [*map(_line, results), *_without_pairs(tables, comparison["endpoint"])]
    return Compared(settings, results, _page(old, new, settings, lines, ENDPOINTS[comparison["endpoint"]]))


def config_changes(old, new):
    """(key, value, value) of all keys of two configs with other values; None where there is no such key."""
    before, after = dict(_flat(old)), dict(_flat(new))
    keys = dict.fromkeys([*before, *after])
    return [(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)]


def data_changes(old, new):
    """(words, hash, hash) of the volumes whose files have other content; old, new {volume: hash of them}.

    A stack that was edited in its place has the same words in the config.
    """
    both = [name for name in new if name in old and old[name] != new[name]]
    return [(f"volumes.{name} (its content)", old[name][:12], new[name][:12]) for name in both]


def _contents(folder, volumes):
    """{volume: hash of its files} of what the targets of a folder have learnt from, where it is recorded."""
    records = [read_json(_record(folder, volume)).get("content", {}) for volume in volumes]
    return {name: content for record in records for name, content in record.items()}


def paired_verdicts(tables, *, unlearnt, endpoint, confidence, smallest_effect):
    """{volume: [(scores, partitions) of the old folder, of the new one]} -> rows, of FOLDER_COLUMNS but one.

    `caveat` is no part of them. All comparisons are one family: p is corrected for their number. unlearnt
    {volume: {budget: why}}: where the networks of the reference of a study have not learnt, and so no arm of
    it says anything.
    """
    of, cases, rows, reasons = endpoint_of(endpoint), [], [], []
    for volume, both in tables.items():
        frames = [of_endpoint(scores, partitions, endpoint) for scores, partitions in both]
        slices = slices_of(both[1][0])
        for arm, budget in _in_both(*frames):
            frame = pd.concat(
                [
                    own[(own["arm"] == arm) & (own["budget"] == budget)].assign(arm=name)
                    for name, own in zip((OLD, NEW), frames, strict=True)
                ],
                ignore_index=True,
            )
            case = case_of(frame.assign(volume=volume), of, {}, reference=OLD, arm=NEW, budget=budget)
            count = case.estimate.replicates if case.estimate else 0
            cases.append(case._replace(arm=arm, look={"replicates": count, "planned": count}))
            rows.append({"volume": volume, "labelled_slices": slices.get(budget)})
            why = [rejected(frame.assign(volume=volume), name, budget) for name in (OLD, NEW)]
            why = [f"in the {name} folder {one}" for name, one in zip((OLD, NEW), why, strict=True) if one]
            reasons.append("; ".join([*why, *filter(None, [unlearnt[volume].get(budget)])]))
    decided = decide(cases, controls={}, sign=of.sign, confidence=confidence, smallest_effect=smallest_effect)
    for row, why in zip(decided, reasons, strict=True):
        if why:
            row |= {"verdict": NO_ANSWER, "reason": why}
    return [
        {name: (row | own).get(name) for name in FOLDER_COLUMNS if name != "caveat"}
        for row, own in zip(rows, decided, strict=True)
    ]


def _volumes(folder):
    tables = sorted(path.parent.name for path in Path(folder).glob("tables/*/scores.csv"))
    return [name for name in tables if _record(folder, name).is_file()]


def _unlearnt(folders, volume):
    """{budget: why} of both."""
    found = {}
    for name, folder in zip((OLD, NEW), folders, strict=True):
        for row in read_json(Path(folder) / "tables" / volume / "verdict.json")["unlearnt"]:
            found.setdefault(str(row["budget"]), f"in the {name} folder {row['reason']}")
    return found


def _caveats(folders, volume):
    """{(arm, budget): what the verdict of an arm leaves out in its own study}, of both."""
    found = {}
    for name, folder in zip((OLD, NEW), folders, strict=True):
        path = Path(folder) / "tables" / volume / "comparison.csv"
        for row in read_table(path) if path.is_file() else []:
            if row.get("caveat"):
                own = found.setdefault((row["arm"], str(row["budget"])), [])
                own.append(f"in the {name} folder {row['caveat']}")
    return {place: "; ".join(words) for place, words in found.items()}


def _record(folder, volume):
    return Path(folder) / "report" / volume / "provenance.json"


def _tables(folder, volume):
    place = Path(folder) / "tables" / volume
    return (
        read_frame([place / "scores.csv"], SCORE_COLUMNS),
        read_frame([place / "partitions.csv"], PARTITION_COLUMNS),
    )


def _in_both(old, new):
    """(arm, budget) that both frames have, in the order of the new one."""
    before = _runs(old)
    return [own for own in _runs(new) if own in before]


def _runs(frame):
    """(arm, budget) of a frame, but for BASELINES."""
    found = frame[["arm", "budget"]].drop_duplicates().itertuples(index=False, name=None)
    return [own for own in found if own[0] not in BASELINES]


def _without_pairs(tables, endpoint):
    """A line for each volume of which no arm and budget are in both folders: what each has."""
    for volume, both in tables.items():
        frames = [of_endpoint(*own, endpoint) for own in both]
        if not _in_both(*frames):
            old, new = map(_runs_text, frames)
            yield f"  {volume}: no arm and budget are in both ({OLD}: {old}; {NEW}: {new})"


def _runs_text(frame):
    """`real with 1 and 3 labelled slices, mixed with 3 labelled slices`."""
    budgets = {}
    for arm, budget in _runs(frame):
        budgets.setdefault(arm, []).append({"budget": budget})
    return ", ".join(f"{arm} with {budgets_text(own)}" for arm, own in budgets.items()) or "none"


def _flat(value, key=""):
    """(a.b.c, value) of everything in a config; lists and what is empty are values."""
    if not isinstance(value, dict) or not value:
        yield key, value
        return
    for name, part in value.items():
        yield from _flat(part, f"{key}.{name}" if key else str(name))


def _page(old, new, settings, results, score):
    """Both tables as text of some lines; results: those of the second."""
    lines = [f"{new} against {old}, replicates paired by their number.", "", "Settings that differ:"]
    lines += [f"  {row['key']}: {row[OLD]} -> {row[NEW]}" for row in settings] or ["  none"]
    if any(_is_shared(row["key"]) for row in settings):
        lines.append("  Among them are data, labels or scores: the pairs are not of the same slices.")
    lines += ["", f"{score}, new less old:"]
    return "\n".join([*lines, *results]) + "\n"


def _is_shared(key):
    """Whether pairs are none where this key differs, in the config or in a variant of it."""
    section, *below = key.split(".")
    return section in SHARED or section == "variants" and below[1:2] == ["labels"]


def _line(row):
    start = f"  {row['volume']}, {row['arm']}, {labels_text(row['budget'], row['labelled_slices'])}: "
    if row["verdict"] == NO_ANSWER:  # a number would be taken for one
        return f"{start}no answer: {row['reason']}"
    if row["difference"] is None:
        return f"{start}no replicate has a score in both"
    interval = "no interval"
    if row["low"] is not None:
        interval = f"{signed(row['low'], 3)} to {signed(row['high'], 3)}"
    count = count_text(row["n_replicates"], "replicate")
    caveat = f". But {row['caveat']}" if row["caveat"] else ""
    return f"{start}{signed(row['difference'], 3)} ({interval}, {count}): {_words(row)}{caveat}"


def _words(row):
    return {
        "helps": "the new one is better",
        "harms": "the new one is worse",
        "no effect": "no difference that matters",
    }.get(row["verdict"], f"{row['verdict']}, as {row['reason']}")

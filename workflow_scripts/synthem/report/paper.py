"""The page of a publication: its tables and figures in its order, ours beside what it printed."""

from pathlib import Path

from synthem.comparison.published import found_in, printed_in, read_printed
from synthem.config.papers import files_of_part
from synthem.report.blocks import Part, figure, is_missing, table
from synthem.report.rendering import page
from synthem.report.runs import WHAT_RAN, traced
from synthem.report.scores import mean_text
from synthem.storage.frames import read_frame
from synthem.storage.naming import percent

ABOUT = (
    "The tables and figures of a publication, in its order, made anew by this run. What stands beside them "
    'as "printed" is what the publication says. Data, sizes and steps may differ: each table says where '
    "that makes the comparison unfair."
)
OF_TABLES = (
    "Here: the mean over replicates, ± half of its {} interval (or the interval) where there are at least "
    "two; printed: as in the publication, which has no intervals."
)
SHOWN_WHOLE = 999  # a larger whole number is a count


def paper_page(paper, targets, *, published, files, confidence):
    """`paper` of the config -> the page as text.

    published: the CSV of its values, None where it has none; files {path in the config's words: path}.
    confidence: of the intervals of means over replicates.
    """
    printed = read_printed(published) if published else {}
    ran = {f"What ran for {target}": f"{target}/index.html{WHAT_RAN}" for target in targets}
    parts = [Part("About this page", [ABOUT])]
    for part in paper["parts"]:
        content = [part["text"]] if part["text"] else []
        for target, path in files_of_part(part, "table", targets):
            content.append(_table(part, target, files[path], printed, confidence))
        for target, path in files_of_part(part, "figure", targets):
            data, of = Path(files[path]).read_bytes(), target or "all volumes"
            content.append(figure(data, part["caption"], f"{part['heading']}: {of}", title=target or None))
        parts.append(Part(part["heading"], content, traced("", ran)))
    return page(paper["title"], parts)


def _table(part, target, path, printed, confidence):
    """A line for each row of the publication's table: of each score what was found, and what was printed."""
    wanted = part["table"]
    which = {key: wanted[key] for key in ("where", "last")}
    asked = wanted["scores"].values()
    found = found_in(read_frame([path]), **which, confidence=confidence, scores=asked)
    values = printed_in(printed, wanted["published"]) if wanted["published"] else {}
    rows = wanted["rows"] or {name: name for name, _ in found}
    rows |= {label: None for label, _ in values if label not in rows}  # what only the publication has
    rows = _as_printed(rows, [label for label, _ in values])
    scores = _as_printed(wanted["scores"], [score for _, score in values])
    lines = []
    for label, name in rows.items():
        own = {score: found.get((name, column)) for score, column in scores.items()}
        counts = [one.n for one in own.values() if one]
        line = {"": label, "replicates": max(counts, default="–")}
        for score, one in own.items():
            line[f"{score}, here"] = _cell(one, scores[score]) if name else "–"
            if wanted["published"]:
                line[f"{score}, printed"] = _number(values.get((label, score)))
        lines.append(line)
    words = [
        f"{target}." if target else "",
        part["caption"],
        OF_TABLES.format(percent(confidence)),
        part["unfair"],
    ]
    return table(lines, caption=" ".join(filter(None, words)))


def _as_printed(named, printed):
    """A mapping in the order of the publication: the config has its keys in order of the alphabet."""
    return {name: named[name] for name in dict.fromkeys([*printed, *named]) if name in named}


def _number(value):
    """What was printed: counts of parameters as whole numbers."""
    if value is None:
        return "–"
    return f"{int(value):,}" if value == int(value) > SHOWN_WHOLE else value


def _cell(found, metric):
    if found is None:
        return "not measured"
    if not is_missing(found.mean) and found.mean == int(found.mean) > SHOWN_WHOLE:
        return _number(found.mean)
    return mean_text(found._asdict() | {"metric": metric})

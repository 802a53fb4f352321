"""The demo's table in docs/results.md: compared with a new run within the printed intervals, and written
from it.

python .ci/demo_table.py RESULTS DOCS           says where a run differs from the table more than chance
allows python .ci/demo_table.py RESULTS DOCS --write   puts the run in the place of the table
"""

import csv
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

START, END = "<!-- demo: written by .ci/demo -->", "<!-- end of the demo's table -->"
HEADER = (
    "| arm | labelled slices | IoU | against the reference | verdict |\n| --- | --- | --- | --- | --- |\n"
)
CELL = re.compile(r"([+-]?[0-9.]+) \(([+-]?[0-9.]+) to ([+-]?[0-9.]+)\)")


def table_of(results, about):
    """The table as markdown, of the CSV files below RESULTS; about: who made it, in a line."""
    tables = Path(results, "tables/hippocampus")
    compared = {(row["arm"], row["budget"]): row for row in rows_of(tables / "comparison.csv")}
    lines, replicates = [], set()
    for row in rows_of(tables / "summary.csv"):
        if row["metric"] != "iou" or not row["mean"]:
            continue
        replicates.add(row["n_replicates"])
        other = compared.get((row["arm"], row["budget"]), {})
        difference = cell(other.get("difference"), other.get("low"), other.get("high"), signed=True)
        cells = [row["arm"], row["labelled_slices"], cell(row["mean"], row["low"], row["high"]), difference]
        lines.append(f"| {' | '.join([*cells, other.get('verdict') or ''])} |\n")
    count = " to ".join(sorted(replicates, key=int))
    return f"{START}\n{about}, {count} replicates\n\n{HEADER}{''.join(lines)}{END}"


def cell(mean, low, high, *, signed=False):
    """0.850 (0.837 to 0.863); empty cells of the CSV leave out what they stand for."""
    if not mean:
        return ""
    form = "+.3f" if signed else ".3f"
    interval = f" ({float(low):{form}} to {float(high):{form}})" if low and high else ""
    return f"{float(mean):{form}}{interval}"


def departures(old, new):
    """Where two tables differ by more than their intervals allow together, in words; both have the same rows.

    Two runs on two processors are two draws: each mean is half an interval from the truth at most, so they
    may lie as far apart as both halves, added as independent errors.
    """
    before, after = (numbers_of(table) for table in (old, new))
    found = [f"{' '.join(place)}: not in both tables" for place in before.keys() ^ after.keys()]
    for place in before.keys() & after.keys():
        (mean, half), (again, other) = before[place], after[place]
        if abs(again - mean) > (half**2 + other**2) ** 0.5 + 0.001:  # of rounding
            found.append(
                f"{' '.join(place)}: {again:.3f} now, {mean:.3f} in the table, intervals of +-{half:.3f}"
            )
    return sorted(found)


def numbers_of(table):
    """{(arm, labelled slices, column): (mean, half of the interval)} of a table in markdown."""
    found = {}
    for line in table.splitlines():
        cells = [part.strip() for part in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 5 and cells[0] not in ("arm", "---"):
            for column, text in (("IoU", cells[2]), ("difference", cells[3])):
                numbers = CELL.fullmatch(text)
                if numbers:
                    mean, low, high = map(float, numbers.groups())
                    found[cells[0], cells[1], column] = mean, (high - low) / 2
    return found


def place_of(text):
    """(before, the table, behind) of docs/results.md."""
    if START not in text or END not in text:
        sys.exit(f"docs/results.md has no {START} ... {END}")
    before, rest = text.split(START)
    table, behind = rest.split(END)
    return before, f"{START}{table}{END}", behind


def rows_of(path):
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def about_here():
    """Commit, processor and day of this run."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    models = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return f"commit {commit}, {models[0] if models else 'unknown processor'}, {date.today()}"


def main(results, docs, *wishes):
    text = Path(docs).read_text(encoding="utf-8")
    before, old, behind = place_of(text)
    new = table_of(results, about_here())
    print(new)
    if "--write" in wishes:
        Path(docs).write_text(before + new + behind, encoding="utf-8")
        return
    found = departures(old, new)
    if found:
        sys.exit("The demo differs from docs/results.md by more than its intervals:\n" + "\n".join(found))


if __name__ == "__main__":
    main(*sys.argv[1:])

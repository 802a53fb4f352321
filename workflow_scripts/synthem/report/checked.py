"""What stands before the scores, as tables: data checks, arms, and which images passed the filter."""

from itertools import product

from synthem.report.blocks import table
from synthem.report.captions import CAPTIONS
from synthem.report.terms import CHANGED
from synthem.storage.files import read_json
from synthem.storage.naming import count_text, run_of
from synthem.synthesis.acceptance import word as cause_word

SIZES = ("shape", "voxel_size_nm")
CHECK_COLUMNS = ("volume", "part", "source", "shape", "type", "voxel_size_nm", "found", "problem")


def check_table(rows):
    """Rows of CHECK_COLUMNS as a table in which those with a problem stand out."""
    rows = [row | {"problem": f"✗ {row['problem']}" if row.get("problem") else "✓ none"} for row in rows]
    for row in rows:
        row["found"] = "; ".join([row["found"], *(f"WARNING: {words}" for words in row.get("warnings", ()))])
    # A shape is one word: it does not break at the end of a line.
    for row, key in product(rows, SIZES):
        row[key] = str(row.get(key, "")).replace(" x ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
    columns = [key for key in CHECK_COLUMNS if any(key in row for row in rows)]
    return table(rows, columns, bad=lambda row: row["problem"].startswith("✗"))


def arm_table(arms, answer, links=()):
    """The table of arms, with what each learns from in words, and the settings that differ.

    links {arm: address of what its networks were made from}.
    """
    marked = {_marked(arm, answer): to for arm, to in dict(links).items()}
    lines = [_arm_line(arm, answer) for arm in arms]
    differ = any(line["changes"] for line in lines)
    if not differ:
        lines = [{key: value for key, value in line.items() if key != "changes"} for line in lines]
    return table(lines, caption=CAPTIONS["arms"], links=marked, terms=CHANGED if differ else {})


def _marked(arm, answer):
    return f"{arm} (reference)" if arm == answer["reference"] else arm


def _arm_line(arm, answer):
    own, _, variant = answer["arms"][arm["arm"]].replace("`", "").partition("; variant ")
    named = {"arm": _marked(arm["arm"], answer), "learns_from": own, "variant": variant or None}
    changed = {"changes": arm.get("changes") or None}
    others = {key: value for key, value in arm.items() if key not in ("arm", "networks", "changes")}
    return named | changed | others


def decisions(paths):
    """How many images of each generator passed the filter, and in how many replicates they are enough."""
    found = {}
    for path in paths:
        run = run_of(path)
        found.setdefault((run.name, run.budget), []).append(read_json(path))
    rows = []
    for (name, budget), own in found.items():
        causes = dict.fromkeys(one["failed"] for one in own if one["failed"])
        causes |= dict.fromkeys(cause_word(cause) for one in own for cause in one["rejected"])
        rows.append(
            {
                "images": name,
                "budget": budget,
                "passed": f"{', '.join(str(one['kept']) for one in own)} of {own[0]['of']}",
                "needed": own[0]["least_kept"],
                "good enough": f"{sum(one['enough'] for one in own)} of {count_text(len(own), 'replicate')}",
                "rejected for": ", ".join(causes) or "nothing",
                "enough": all(one["enough"] for one in own),
            }
        )
    columns = [key for key in rows[0] if key != "enough"] if rows else []
    return table(rows, columns, caption=CAPTIONS["decisions"], bad=lambda row: not row["enough"])

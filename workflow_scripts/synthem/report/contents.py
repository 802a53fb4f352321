"""The report of one target: which pictures and tables stand in which part."""

from pathlib import Path

from synthem.report.blocks import Html, figure, folded, table, video
from synthem.report.page import build_page, check_table, facts, provenance_parts
from synthem.report.scores import partition_tables, score_tables
from synthem.report.text import CAPTIONS, COLUMNS, MEMBRANES, WORTH
from synthem.report.verdict import FEW, certainty, sentence_list, verdict_box
from synthem.storage.files import read_json
from synthem.storage.naming import labels_text, run_of
from synthem.storage.tables import read_table
from synthem.synthesis.acceptance import word as cause_word


def report_page(files, *, target, structure, membranes, arms):
    """`files` {name: path or paths} as the rule `write_report` names its inputs -> the page as text.

    membranes: {origin, source}, where those of the generator came from. arms: rows of the table of arms,
    without what they learn from.
    """
    summary, comparisons = read_table(files["summary"]), read_table(files["comparison"])
    answer = read_json(files["verdict"])
    question = question_for(answer, structure=structure, target=target)
    sections = {
        "arms": [table([arm_line(arm, answer) for arm in arms], caption=CAPTIONS["arms"])],
        "learning_curve": [
            picture(files["learning_curve"], "learning_curve", target),
            picture(files["differences"], "differences", target),
        ],
        "saving": [picture(files["saving"], "saving", target), *worth(read_json(files["labels"]))],
        "certainty": certainty(comparisons, read_table(files["components"]), answer),
        "checks": [check_table(read_json(files["checks"]))],
        "volumes": [picture(path, "volume", Path(path).stem) for path in files["volumes"]],
        "membranes": [
            MEMBRANES[membranes["origin"]].format(source=membranes["source"]),
            *(picture(path, "membranes", Path(path).stem) for path in files["membranes"]),
            *(facts(read_json(path), caption=CAPTIONS["quality"]) for path in files["quality"]),
        ],
        "synthesis": decisions(files["decisions"])
        + [picture(path, "invented", of_run(path)) for path in files["invented"]]
        + [picture(path, kind, of_run(path)) for kind in ("repainted", "filtered") for path in files[kind]]
        + [picture(path, "pairs", of_run(path)) for path in files["pairs"]]
        + [picture(path, "stylegan", "from nothing but chance") for path in files["stylegan"]],
        "quiz": [sentence_list(read_json(path)["sentences"]) for path in files["quiz_words"]]
        + [picture(path, "quiz", "answers of people") for path in files["quiz"]],
        "training": [picture(files["training"], "training", "all networks")],
        "segmentations": [picture(path, "segmentations", of_budget(path)) for path in files["segmentations"]],
        "videos": [moving(path) for path in [*files["videos"], *files["synthetic_videos"]]],
        "methods": [picture(path, "methods", target) for path in files["methods"]]
        + [picture(path, "grid", f"{run_of(path).name}, {of_budget(path)}") for path in files["grids"]],
        "tables": [
            *score_tables(summary, caption=CAPTIONS["summary"]),
            *partition_tables(read_table(files["partition_summary"]), caption=CAPTIONS["partitions"]),
            folded(
                "All comparisons with their numbers",
                table(comparisons, COLUMNS["comparison"], caption=CAPTIONS["comparison"]),
                len(comparisons) <= FEW,
            ),
        ],
        "provenance": provenance_parts(read_json(files["provenance"])),
    }
    verdict = verdict_box(comparisons, answer, question=question)
    return build_page(sections, title=f"{structure} in {target}", verdict=verdict)


def question_for(answer, *, structure, target):
    """The question of the page: about synthetic data where an arm learns from some."""
    if answer["subject"] == "synthetic data":
        return f"Does synthetic data help to segment the {structure} of {target}?"
    return f"Does anything help to segment the {structure} of {target}, against {answer['reference']}?"


def arm_line(arm, answer):
    """A row of the table of arms, with what it learns from in words."""
    own, _, variant = answer["arms"][arm["arm"]].replace("`", "").partition("; variant ")
    mark = " (reference)" if arm["arm"] == answer["reference"] else ""
    return {"arm": arm["arm"] + mark, "learns_from": own, "variant": variant or None} | {
        key: value for key, value in arm.items() if key != "arm"
    }


def worth(said):
    """What label curves say, as lists of sentences; a list without any is left out."""
    for kind, sentences in said["sentences"].items():
        if sentences:
            yield Html(f"<h3>{WORTH[kind]}</h3>{sentence_list(sentences)}")


def picture(path, kind, of):
    return figure(Path(path).read_bytes(), CAPTIONS[kind], f"{kind.replace('_', ' ')}: {of}", title=of)


def of_budget(path):
    return labels_text(run_of(path).budget)


def of_run(path):
    run = run_of(path)
    return f"{run.name}, {labels_text(run.budget)}, replicate {run.replicate}"


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
                "good enough": f"{sum(one['enough'] for one in own)} of {len(own)} replicates",
                "rejected for": ", ".join(causes) or "nothing",
                "enough": all(one["enough"] for one in own),
            }
        )
    columns = [key for key in rows[0] if key != "enough"] if rows else []
    return [table(rows, columns, caption=CAPTIONS["decisions"], bad=lambda row: not row["enough"])] * bool(
        rows
    )


def moving(path):
    """A video of the test block, folded away so that no reader has to see it move."""
    return video(Path(path), CAPTIONS["videos"], title=of_run(path))

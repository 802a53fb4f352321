"""The report of one run: which pictures and tables stand in which part."""

import html
from pathlib import Path

from synthem.report.blocks import Html, as_html, figure, percent, table, video
from synthem.report.page import build_page, check_table, facts, provenance_parts
from synthem.report.scores import partition_tables, score_tables
from synthem.report.text import CAPTIONS, COLUMNS, MEMBRANES
from synthem.report.verdict import certainty, verdict_box
from synthem.storage.files import read_json
from synthem.storage.tables import read_table
from synthem.synthesis.acceptance import sentence
from synthem.training.histories import share_of


def report_page(files, *, target, structure, membranes):
    """`files` {name: path or paths} as the rule `write_report` names its inputs -> the page as text.

    membranes: {origin, source}, where those of the generator came from.
    """
    summary, comparisons = read_table(files["summary"]), read_table(files["comparison"])
    answer = read_json(files["verdict"])
    certain = {"confidence": answer["confidence"]}
    question = f"Does synthetic data help to segment the {structure} of {target}?"
    sentences = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in answer["sentences"])
    sections = {
        "certainty": [
            Html(f"<ul>{sentences}</ul>"),
            certainty(comparisons, smallest_effect=answer["smallest_effect"], **certain),
        ],
        "checks": [check_table(read_json(files["checks"]))],
        "volumes": [picture(path, "volume", Path(path).stem) for path in files["volumes"]],
        "membranes": [
            MEMBRANES[membranes["origin"]].format(source=membranes["source"]),
            *(picture(path, "membranes", target) for path in files["membranes"]),
            *(facts(read_json(path), caption=CAPTIONS["quality"]) for path in files["quality"]),
        ],
        "synthesis": [decided(read_json(path)) for path in files["decisions"]]
        + [picture(path, kind, share_of(path)) for kind in ("repainted", "filtered") for path in files[kind]]
        + [picture(path, "pairs", set_of(path)) for path in files["pairs"]]
        + [picture(path, "stylegan", "from nothing but chance") for path in files["stylegan"]],
        "training": [picture(files["training"], "training", "all networks")],
        "learning_curve": [
            picture(files["learning_curve"], "learning_curve", target),
            picture(files["differences"], "differences", target),
        ],
        "segmentations": [picture(path, "segmentations", share_of(path)) for path in files["segmentations"]],
        "videos": [moving(path) for path in [*files["videos"], *files["synthetic_videos"]]],
        "methods": [picture(path, "methods", target) for path in files["methods"]]
        + [picture(path, "grid", f"{Path(path).parent.name}, {share_of(path)}") for path in files["grids"]],
        "tables": [
            *score_tables(summary, caption=CAPTIONS["summary"]),
            *partition_tables(read_table(files["partition_summary"]), caption=CAPTIONS["partitions"]),
            table(comparisons, COLUMNS["comparison"], caption=CAPTIONS["comparison"]),
        ],
        "provenance": provenance_parts(read_json(files["provenance"])),
    }
    verdict = verdict_box(comparisons, answer["unlearnt"], question=question, **certain)
    return build_page(sections, title=f"{structure} in {target}", verdict=verdict)


def picture(path, kind, of):
    return figure(Path(path).read_bytes(), CAPTIONS[kind], f"{kind.replace('_', ' ')}: {of}", title=of)


def set_of(path):
    """The data set of a picture and the labels it was made of: .../{data_set}/budget-{budget}/..."""
    data_set, budget = Path(path).parts[-3:-1]
    return f"{data_set}, {budget.replace('-', ': ', 1)}"


def decided(decision):
    """How many images of a generator passed the filter, and whether they are enough."""
    return as_html(f"{percent(decision['fraction'])} of the labels: {sentence(decision)}.")


def moving(path):
    """A video of the test block, folded away so that no reader has to see it move."""
    arm, _, name = Path(path).parts[-3:]
    return video(
        Path(path),
        CAPTIONS["videos"],
        title=f"{arm}, {share_of(path)}, {name.split('.')[0].replace('-', ' ')}",
    )

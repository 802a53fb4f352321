"""The report of one target: which pictures and tables stand in which part."""

from pathlib import Path

from synthem.comparison.answers import ENDPOINTS
from synthem.report.blocks import Part, figure, folded, sentence_list, video
from synthem.report.captions import CAPTIONS
from synthem.report.checked import arm_table, check_table, decisions
from synthem.report.copies import copy_sentences
from synthem.report.fidelity import fidelity_sentences
from synthem.report.generated import of_what_was_made
from synthem.report.labelling import whole_stacks
from synthem.report.next_steps import next_steps
from synthem.report.opening import data_of, opening
from synthem.report.rendering import block, page, together
from synthem.report.runs import WHAT_RAN, arm_links, facts, provenance_parts, traced
from synthem.report.scores import endpoint_rows, partition_tables, score_tables
from synthem.report.terms import EXPLAINED
from synthem.report.text import MEMBRANES, PARTS, WORTH
from synthem.report.tiles import with_tiles
from synthem.report.verdict import certainty, verdict_matrix
from synthem.storage.files import read_json
from synthem.storage.naming import labels_text, run_of
from synthem.storage.tables import read_table


def report_page(files, *, target, structure, membranes, arms, applied):
    """`files` {name: path or paths} as `write_report` names its inputs -> (page, its first screen as text).

    membranes: {origin, source}, where those of the generator came from. arms: rows of the table of arms,
    without what they learn from; `networks` is the arm under whose name the networks of an arm lie, `changes`
    what its variant changes, line by line.
    applied {stacks, arm}: the names of whole stacks that networks of the target segment, and whose they are;
    of an arm "" the file `choice` says it.
    """
    comparisons, answer = read_table(files["comparison"]), read_json(files["verdict"])
    record, data = read_json(files["provenance"]), data_of(files["volume"])
    question = question_for(answer, structure=structure, target=target)
    networks = {arm["arm"]: arm["networks"] for arm in arms}
    links = arm_links(networks)
    first, text = opening(
        comparisons,
        answer,
        question=question,
        means=endpoint_rows(files["summary"], files["partition_summary"], answer["endpoint"]),
        data=data,
        record=record,
        steps=next_steps(comparisons, answer, tested=data["tested"], apart=data["apart"]),
        links=links,
    )
    sections = {
        **measured(files, comparisons, answer, links),
        **images(files, membranes),
        **trained(files, target),
        "stacks": applied_to(files, **applied),
        "design": [arm_table(arms, answer, links)],
        "provenance": provenance_parts(record),
    }
    made = build_page(sections, title=f"{structure} in {target}", first=first), text
    rules = {origin["rule"] for origin in record["networks"].values()}
    made = tuple(of_what_was_made(one, rules, pairs=bool(files["pairs"])) for one in made)
    return tuple(map(with_tiles, made)) if data["tiles"] else made


def applied_to(files, stacks, arm):
    """Content about the whole stacks; the chosen arm is known once all arms are scored."""
    return whole_stacks(stacks, arm or read_json(files["choice"])["arm"]) if stacks else []


def build_page(sections, *, title, first):
    """The whole report. first: Html of its first screen; sections {key of PARTS: [content, ...]}.

    A new part is a line in PARTS and its content here: the rest finds it by its key. Without content it is
    not there. Every part leads to what its numbers and pictures were made from.
    """
    unknown = set(sections) - set(PARTS)
    if unknown:
        raise KeyError(f"unknown parts of the report: {sorted(unknown)}")
    ran = {PARTS["provenance"][0]: WHAT_RAN} if sections.get("provenance") else {}
    parts = [Part("The verdict", [first])]
    for key, (heading, lead, opened) in PARTS.items():
        content = [one for one in sections.get(key, ()) if one]
        words = lead if key == "provenance" else traced(lead, ran)
        parts.append(Part(heading, content, words, opened))
    return page(title, parts)


def measured(files, comparisons, answer, links):
    """{key of PARTS: content} of the scores; links {arm: address of what its networks were made from}."""
    summary, endpoint = read_table(files["summary"]), answer["endpoint"]
    scores = score_tables(summary, endpoint=endpoint, caption=CAPTIONS["summary"], links=links)
    slices = sorted(files["segmentations"], key=most_labels, reverse=True)
    return {
        "arms": [verdict_matrix(comparisons, answer, links)] if comparisons else scores,
        "learning_curve": [
            picture(files["learning_curve"], "learning_curve"),
            block("explained", terms={ENDPOINTS[endpoint]: EXPLAINED[endpoint]}),
        ],
        "segmentations": first_of([picture(path, "segmentations", of_budget(path)) for path in slices]),
        "tables": [
            *(scores if comparisons else []),
            *partition_tables(
                read_table(files["partition_summary"]), caption=CAPTIONS["partitions"], links=links
            ),
        ],
        "certainty": [
            *([picture(files["differences"], "differences")] if comparisons else []),
            *certainty(comparisons, read_table(files["components"]), answer, links),
        ],
        "saving": worth(files, comparisons),
    }


def images(files, membranes):
    """{key of PARTS: content} of data and of images that were made; new masks come first, and stand open."""
    kinds = ("filtered", "repainted", "pairs")
    painted = [picture(path, kind, of_run(path)) for kind in kinds for path in files[kind]]
    about = MEMBRANES[membranes["origin"]].format(source=membranes["source"])
    return {
        "synthesis": painted[:1],
        "painting": [
            *([about] if files["filtered"] else []),
            decisions(files["decisions"]),
            *(picture(path, "invented", of_run(path)) for path in files["invented"]),
            *painted[1:],
            *(picture(path, "stylegan", "from nothing but chance") for path in files["stylegan"]),
        ],
        "realism": [
            sentence_list(sentences(read_table(path)))
            for path in files["realism_table"]
            for sentences in (fidelity_sentences, copy_sentences)
        ]
        + [picture(path, f"realism_{Path(path).stem}", of_budget(path)) for path in files["realism"]],
        "quiz": [sentence_list(read_json(path)["sentences"]) for path in files["quiz_words"]]
        + [picture(path, "quiz", "answers of people") for path in files["quiz"]],
        "sheets": [sheet(path) for path in files["sheets"]],
        "checks": [check_table(read_json(files["checks"]))],
        "volumes": [picture(path, "volume", Path(path).stem) for path in files["volumes"]],
        "membranes": [
            *(picture(path, "membranes", Path(path).stem) for path in files["membranes"]),
            *(facts(read_json(path), caption=CAPTIONS["quality"]) for path in files["quality"]),
        ],
    }


def trained(files, target):
    """{key of PARTS: content} of the networks and of what they find."""
    return {
        "training": [picture(files["training"], "training", "all networks")],
        "gallery": [
            picture(path, kind, Path(path).stem)
            for kind in ("pretraining", "completed", "noise", "membrane_variants")
            for path in files[kind]
        ],
        "videos": [
            video(Path(path), CAPTIONS["videos"], title=of_run(path))
            for path in [*files["videos"], *files["synthetic_videos"]]
        ],
        "methods": [picture(path, "methods", target) for path in files["methods"]]
        + [picture(path, "grid", f"{run_of(path).name}, {of_budget(path)}") for path in files["grids"]],
    }


def question_for(answer, *, structure, target):
    """The question of the page: about synthetic data where an arm learns from some."""
    if answer["subject"] == "synthetic data":
        return f"Does synthetic data help to segment the {structure} of {target}?"
    if answer["asked"]:
        return f"Does anything help to segment the {structure} of {target}, against {answer['reference']}?"
    return f"How well do networks segment the {structure} of {target}?"


def worth(files, comparisons):
    """What labels are worth: a figure where arms are compared, then lists of sentences."""
    said = {kind: own for kind, own in read_json(files["labels"])["sentences"].items() if own}
    shown = [picture(files["saving"], "saving")] if comparisons and said else []
    for kind, sentences in said.items():
        shown += [block("heading", text=WORTH[kind]), sentence_list(sentences)]
    return shown


def first_of(pictures):
    """The first picture, and the others folded below it."""
    return [*pictures[:1], *([folded("With other labels", together(pictures[1:]))] if pictures[1:] else [])]


def picture(path, kind, of=None, caption=None):
    alt = kind.replace("_", " ") + (f": {of}" if of else "")
    return figure(Path(path).read_bytes(), caption or CAPTIONS[kind], alt, title=of)


def sheet(path):
    """A sheet of generated images, with the text that was written beside it."""
    return picture(path, "sheet", Path(path).stem, caption=Path(path).with_suffix(".txt").read_text().strip())


def most_labels(path):
    budget = run_of(path).budget
    return float("inf") if budget == "all" else int(budget)


def of_budget(path):
    return labels_text(run_of(path).budget)


def of_run(path):
    run = run_of(path)
    return f"{run.name}, {labels_text(run.budget)}, replicate {run.replicate}"

"""The page of a whole stack: which of its slices are worth labelling next, and what they look like."""

from synthem.report.blocks import Part, figure, sentence_list, table
from synthem.report.captions import CAPTIONS
from synthem.report.rendering import page

PAGE = "label_next.html"  # of a stack, beside its segmentation


def label_next_page(rows, why, pictures, *, stack, arm):
    """HTML. rows, why: as `read_label_next` gives them; pictures {slice: PNG bytes}, one for each row."""
    listed = [
        {"rank": row["rank"], "slice": heading(row["slice"]), row["measure"]: row["doubt"]} for row in rows
    ]
    shown = [
        Part(
            heading(row["slice"]),
            [figure(pictures[row["slice"]], CAPTIONS["stack"], f"{heading(row['slice'])} of {stack}")],
        )
        for row in rows
    ]
    links = {part.heading: f"#{part.anchor}" for part in shown}
    ranked = [table(listed, links=links)] if listed else []
    first = Part("Slices to label next", [sentence_list([why]), *ranked])
    return page(f"The stack {stack}, segmented by the networks of {arm}", [first, *shown])


def heading(z):
    return f"Slice {z}"


def whole_stacks(stacks, arm):
    """Where results of whole stacks lie that networks of an arm segment: [content], [] without a stack.

    Links lead from the folder of the report, `results/report/{target}`, to slices worth labelling next.
    """
    rows = [
        {"stack": stack, "folder": f"results/apply/{stack}/{arm}", "label next": f"slices of {stack}"}
        for stack in stacks
    ]
    links = {row["label next"]: f"../../{row['folder'].removeprefix('results/')}/{PAGE}" for row in rows}
    return [table(rows, caption=CAPTIONS["stacks"], links=links)] if rows else []

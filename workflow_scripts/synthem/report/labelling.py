"""The page of a whole stack: what was found in it, which of its slices are worth labelling next."""

from synthem.report.blocks import Part, figure, sentence_list, table
from synthem.report.captions import CAPTIONS
from synthem.report.rendering import page

PAGE = "label_next.html"  # of a stack, beside its segmentation
OF_AN_OBJECT = ("label", "diameter_nm", "z", "y", "x")  # whole numbers, on the page


def label_next_page(rows, why, pictures, *, found, stack, arm):
    """HTML. rows, why: as `read_label_next` gives them; pictures {slice: PNG bytes}, one for each row.

    found (sentences, rows of objects.csv): what was found, and the objects that networks are least sure of.
    """
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
    parts = [_found(*found), Part("Slices to label next", [sentence_list([why]), *ranked]), *shown]
    return page(f"The stack {stack}, segmented by the networks of {arm}", parts)


def _found(words, objects):
    rows = [
        {name: round(row[name]) for name in OF_AN_OBJECT}
        | {"cut": bool(row["cut"]), "sure": row["confidence"]}
        for row in objects
    ]
    return Part("What was found", [sentence_list(words), table(rows, caption=CAPTIONS["objects"])])


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

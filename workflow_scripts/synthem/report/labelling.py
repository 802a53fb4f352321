"""Pages of whole stacks: what was found in one, and which slices to label next; all of them side by side."""

from synthem.report.blocks import Part, figure, sentence_list, table
from synthem.report.captions import CAPTIONS
from synthem.report.rendering import Html, block, page
from synthem.storage.naming import percent, three_digits

PAGE = "label_next.html"  # of a stack, beside its segmentation
UNITS = {"um3": "µm³", "um2": "µm²"}  # of volumes, of areas
READING = (
    "Nobody has checked what was found: there are no labels to score it by.",
    "The share is of all voxels; what a size filter dropped does not count.",
    "`per µm³` (of areas `per µm²`) counts an object where it begins: those that reach the first slice, row "
    "or column do not count, nor does the ground of these. So cut objects do not raise it as they raise "
    "`objects`; but one that a face cuts into pieces may count more than once. It is missing (–), not 0, "
    "where all objects reach there: such a stack is too small to tell.",
    "The mean size is the share over that number: it is not made smaller by objects that are cut, nor by "
    "leaving them out. Few objects make both uncertain.",
    "The median is of objects that no face cuts. Large ones are cut more often, so it is too low where many "
    "are `at a face`.",
    "The table beside this page has these numbers and more; objects.csv of a stack lists its objects.",
)
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
    listed = block("link", to=f"../../apply/stacks/{arm}.html", text="What was found in them, side by side")
    return [table(rows, caption=CAPTIONS["stacks"], links=links), listed] if rows else []


def stacks_page(rows, *, structure, arm):
    """HTML of the rows of stacks/{arm}.csv, volumes before areas; links lead from its folder."""
    links = {row["stack"]: f"../{row['stack']}/{arm}/{PAGE}" for row in rows}
    kinds = {unit: [_shown(row, unit) for row in rows if f"total_{unit}" in row] for unit in UNITS}
    tables = [table(found, links=links, caption=CAPTIONS["listed"]) for found in kinds.values() if found]
    parts = [Part("What was found", tables), Part("How to read it", [sentence_list(READING)])]
    return page(f"{structure.capitalize()} in whole stacks, segmented by the networks of {arm}", parts)


def _shown(row, unit):
    """A row as people read it: sizes with three digits, in the unit of the stack."""
    sides = [three_digits(row[f"{axis}_um"]) for axis in "zyx" if row[f"{axis}_um"] is not None]
    mark, shown = UNITS[unit], {"stack": row["stack"], "size, µm": " × ".join(sides)}
    shown |= {"share": percent(row["fraction"]), "objects": row["objects"], "at a face": row["cut"]}
    shown |= {f"per {mark}": row[f"objects_per_{unit}"], f"mean, {mark}": row[f"mean_{unit}"]}
    shown |= {f"median, {mark}": row[f"median_{unit}"], f"all, {mark}": row[f"total_{unit}"]}
    shown |= {"sure": row["confidence"], "least sure": row["least_confidence"]}
    return {name: _three_digits(value) for name, value in shown.items()}


def _three_digits(value):
    if value is None:
        return Html("–")
    return Html(three_digits(value)) if isinstance(value, float) else value

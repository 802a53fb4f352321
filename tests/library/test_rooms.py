"""The rooms of the library and the arrows between them, as docs/architecture.md has them."""

import ast
import re

from tests.shared.project import PROJECT

LIBRARY = PROJECT / "workflow_scripts/synthem"
ROW = re.compile(r"^\| (`[^|]+`) \| ([a-z, ]*) ?\|", re.MULTILINE)


def drawn():
    """{room: the rooms that it may import}, from the top of the table down; the flat modules have None."""
    text = (PROJECT / "docs/architecture.md").read_text()
    table = text[text.index("### The rooms of the library") : text.index("## Staleness")]
    flat, *rows = ROW.findall(table)
    rooms = dict.fromkeys(re.findall(r"\w+", flat[0]))
    for names, below in rows:
        rooms |= dict.fromkeys(re.findall(r"\w+", names), set(re.findall(r"\w+", below)))
    return rooms


def imported():
    """{room or flat module: those that its modules import}."""
    found = {}
    for path in LIBRARY.rglob("*.py"):
        room = path.relative_to(LIBRARY).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "synthem":
                names = [node.module] if "." in node.module else [f"synthem.{a.name}" for a in node.names]
                found.setdefault(room, set()).update(name.split(".")[1] for name in names)
    return {room: others - {room} for room, others in found.items()}


def test_every_room_stands_in_the_table_and_every_flat_module():
    rooms = drawn()
    flat = {path.stem for path in LIBRARY.glob("*.py")} - {"__init__"}
    assert flat == {name for name, below in rooms.items() if below is None}
    assert {path.parent.name for path in LIBRARY.glob("*/__init__.py")} == rooms.keys() - flat


def test_rooms_import_what_the_table_says_and_no_more():
    rooms = drawn()
    flat = {name for name, below in rooms.items() if below is None}
    arrows = imported()
    assert {room: arrows.get(room, set()) - flat for room in rooms.keys() - flat} == {
        room: below for room, below in rooms.items() if below is not None
    }
    assert all(arrows.get(module, set()) <= flat for module in flat), "a flat module knows a room"


def test_no_room_knows_one_that_stands_below_it():
    above = set()
    for room, below in drawn().items():
        assert (below or set()) <= above, room
        above.add(room)

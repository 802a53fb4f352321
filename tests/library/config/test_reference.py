"""docs/config.md: every key once, in words, with its default."""

import re

import pytest
import yaml

from synthem.config.reference import Texts, config_reference, errors_reference
from tests.shared.project import PROJECT

SCHEMA = yaml.safe_load((PROJECT / "rules/schemas/config.schema.yaml").read_text())
DEMO = (PROJECT / "config.yaml").read_text()
REFERENCE = config_reference(SCHEMA, yaml.load(DEMO, Loader=Texts))

# A config of a kitchen, so that no word of the real one can slip in.
SMALL = yaml.safe_load("""
first: {oven.heat: "Cakes get dark."}
properties:
  cook: {type: string, description: "Who cooks."}
  oven:
    description: "Where cakes bake."
    properties:
      heat: {type: number, minimum: 0, maximum: 250, description: "Degrees."}
      grams: {type: integer, minimum: -9223372036854775808, maximum: 10001, description: "Mass."}
      rack:
        description: "What cakes stand on."
        properties:
          rows: {type: array, items: {type: integer, minimum: 1}, description: "From the top."}
          feet:
            description: "What it stands on."
            type: object
            properties: {high: {type: boolean, description: "Above the floor."}}
      timer: {$ref: "#/$defs/timer"}
  cakes:
    description: "Name -> cake."
    additionalProperties:
      description: "One cake."
      properties:
        timer: {$ref: "#/$defs/timer", description: "Until it is done."}
        glaze: {enum: ["", sugar], description: "On top."}
$defs:
  timer:
    title: "A timer (egg)"
    description: "When it rings."
    type: object
    properties:
      minutes: {type: number, exclusiveMinimum: 0, maximum: 90, description: "How long."}
      bell: {$ref: "#/$defs/bell"}
  bell:
    title: "A bell"
    type: object
    description: "How it rings."
    properties: {loud: {type: boolean, description: "For the deaf."}}
""")
KITCHEN = """
cook: ""
oven:
  heat: 1.8e+2
  grams: 7
  rack: {rows: [1, 3], feet: {high: true}}
  timer: {minutes: 5, bell: {loud: false}}
cakes: {plum: {timer: {minutes: 60, bell: {loud: false}}, glaze: sugar}}
"""


@pytest.fixture(scope="module")
def kitchen():
    return config_reference(SMALL, yaml.load(KITCHEN, Loader=Texts))


def part_below(heading, text):
    """What stands between a heading and the next one."""
    (found,) = re.findall(rf"^{re.escape(heading)}\n\n(.*?)(?=\n^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return found


def rows(text):
    """(key, meaning, default, allowed) of all tables with four columns."""
    return re.findall(r"^\| `(.*?)` \| (.*?) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)


def findable(key, text):
    """Whether a reader finds a key: by a row that has it, or by one that links to a structure that does."""
    parts = re.findall(r"^#+ (.*?)\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-"): part for heading, part in parts}

    def within(rest, found):
        for name, _, _, allowed in found:
            if name == rest:
                return True
            link = re.fullmatch(r"\[.*\]\(#(.*)\)", allowed)
            if link and rest.startswith(f"{name}."):
                return within(rest.removeprefix(f"{name}."), rows(anchors[link.group(1)]))
        return False

    return within(key, rows(text)) or any(heading == f"`{key}`" for heading, _ in parts)


def test_the_documentation_on_the_disk_is_up_to_date():
    """`make docs` where this fails."""
    assert (PROJECT / "docs" / "config.md").read_text() == REFERENCE
    assert (PROJECT / "docs" / "errors.md").read_text() == errors_reference()


def test_what_users_change_first_comes_first(kitchen):
    assert kitchen.index("| `oven.heat` | Cakes get dark. | `1.8e+2` |") < kitchen.index("## `cook`")


def test_a_section_is_a_heading_with_a_table_and_what_lies_deeper_stays_in_it(kitchen):
    assert part_below("## `oven`", kitchen).splitlines() == [
        "Where cakes bake.",
        "",
        "| key | meaning | default | allowed |",
        "| --- | --- | --- | --- |",
        "| `oven.heat` | Degrees. | `1.8e+2` | a number from 0 to 250 |",
        "| `oven.grams` | Mass. | `7` | a whole number |",
        "| `oven.timer` | When it rings. |  | [A timer (egg)](#a-timer-egg) |",
    ]
    assert rows(part_below("### `oven.rack`", kitchen)) == [
        ("oven.rack.rows", "From the top.", "`[1, 3]`", "a list of whole numbers from 1"),
        ("oven.rack.feet", "What it stands on.", "", "keys with values"),
        ("oven.rack.feet.high", "Above the floor.", "`true`", "true or false"),
    ]


def test_keys_at_the_top_share_a_table_and_empty_text_is_shown(kitchen):
    assert rows(part_below("## `cook`", kitchen)) == [("cook", "Who cooks.", '`""`', "text")]
    assert rows(part_below("### `cakes.<name>`", kitchen))[1] == (
        "cakes.<name>.glaze",
        "On top.",
        "",
        'one of `""`, `sugar`',
    )


def test_a_structure_is_explained_once_with_the_defaults_of_its_places():
    oven = SMALL["properties"]["oven"]
    drawn = SMALL | {"properties": {"oven": oven, "grill": oven, "stove": oven}}
    minutes = {"oven": "5", "grill": "9", "stove": "5"}
    defaults = {place: {"timer": {"minutes": m, "bell": {"loud": "true"}}} for place, m in minutes.items()}
    text = config_reference(drawn, defaults)
    timer = part_below("### A timer (egg)", text)
    assert timer.startswith("When it rings. In `oven.timer`, `grill.timer`, `stove.timer`.\n")
    assert rows(timer) == [
        ("minutes", "How long.", "`9` in `grill.timer`; `5` elsewhere", "a number above 0, up to 90"),
        ("bell", "How it rings.", "", "[A bell](#a-bell)"),
    ]
    assert rows(part_below("### A bell", text)) == [("loud", "For the deaf.", "`true`", "true or false")]
    assert text.count("How long.") == 1


def test_two_places_with_a_default_each_are_both_named():
    oven = SMALL["properties"]["oven"]
    drawn = SMALL | {"properties": {"oven": oven, "grill": oven}}
    defaults = {"oven": {"timer": {"minutes": "5"}}, "grill": {"timer": {"minutes": "9"}}}
    timer = part_below("### A timer (egg)", config_reference(drawn, defaults))
    assert rows(timer)[0][2] == "`5` in `oven.timer`; `9` in `grill.timer`"


def test_every_key_is_findable(kitchen):
    for key in ("cook", "oven", "oven.rack.feet.high", "oven.timer.minutes", "cakes.<name>.timer.bell.loud"):
        assert findable(key, kitchen)
    assert not findable("oven.timer.hours", kitchen) and not findable("minutes.timer", kitchen)
    for key in keys_of_schema(SCHEMA):
        assert findable(key, REFERENCE), key


def keys_of_schema(part, prefix=""):
    """Every key that a config may have, with `<name>` for those that users choose."""
    if "$ref" in part:
        part = SCHEMA["$defs"][part["$ref"].rsplit("/", 1)[1]] | part
    for form in part.get("anyOf", [part]):
        others = form.get("additionalProperties")
        named = {"<name>": others} if isinstance(others, dict) else {}
        for name, inner in {**form.get("properties", {}), **named}.items():
            yield prefix + name
            yield from keys_of_schema(inner, f"{prefix}{name}.")


def test_every_key_of_the_demo_has_its_default_or_is_a_name():
    shown = {key: default for key, _, default, _ in rows(REFERENCE)}
    for line, default in (
        ("split.test", "`0.25`"),
        ("gans.conditions", "`[structure, membrane]`"),
        ("watershed.bodies.smallest_nm3", "`2.0e+5`"),
        ("watershed.membranes.preset", '`""`'),
        ("volumes.<name>.image", ""),
    ):
        assert shown[line] == default


def test_every_key_and_every_section_has_a_meaning():
    assert [key for key, meaning, _, _ in rows(REFERENCE) if not meaning] == []
    sections = re.findall(r"^##+ `\w.*`\n\n(.*)$", REFERENCE, re.MULTILINE)
    assert len(sections) > 20 and all(sections)


def test_no_limit_is_printed_that_nobody_means():
    numbers = re.findall(
        r"(?:from|to|above|below) (-?[\d.e+]+)", "".join(f"{row[3]}|" for row in rows(REFERENCE))
    )
    assert len(numbers) > 50 and max(abs(float(number)) for number in numbers) <= 10_000


def test_structures_keep_the_reference_short():
    assert len(rows(REFERENCE)) < 395 < len(list(keys_of_schema(SCHEMA)))


def test_the_keys_that_most_users_need_are_ten_and_exist():
    assert len(SCHEMA["first"]) == 10 and set(SCHEMA["first"]) < set(keys_of_schema(SCHEMA))

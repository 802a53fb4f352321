"""A lab's own templates in the place of the project's."""

import pytest

from synthem.errors import SynthemError
from synthem.report.blocks import Part
from synthem.report.rendering import TEMPLATES, block, page, use_templates
from synthem.report.styling import templates_in


@pytest.fixture(autouse=True)
def ours_again():
    yield
    use_templates([])


def own(folder, **files):
    """A lab's folder with {name: text}, in use."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    use_templates(templates_in(str(folder)))


def a_page():
    return page("Title & more", [Part("Heading", ["<i>text</i>"])])


def test_a_file_stands_in_the_place_of_the_template_of_its_name_and_may_build_on_it(tmp_path):
    own(tmp_path, style_css='{% include "synthem/style.css" %}\nbody {color: plum}')
    ours = (TEMPLATES / "style.css").read_text().strip()
    assert f"{ours}body {{color: plum}}" in a_page()
    own(tmp_path, page_html="<title>{{ title }}</title>{% for part in parts %}{{ part.heading }}{% endfor %}")
    assert a_page() == "<title>Title &amp; more</title>Heading"
    assert "&lt;i&gt;" in block("together", parts=["<i>text</i>"]), "the project's blocks stay"


@pytest.mark.parametrize(
    ("files", "where", "words"),
    [
        ({"page_html": "a\n{% if %}"}, "page.html", "line 2: "),
        ({"page_html": "{{ nothing }}"}, "", "'nothing' is undefined"),
        ({"blocks_html": "{% macro other() %}{% endmacro %}"}, "", "together"),
        ({"style_css": '{% include "none.css" %}'}, "", "none.css"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_an_error_of_its_file(tmp_path, files, where, words):
    own(tmp_path, **files)
    with pytest.raises(SynthemError) as caught:
        a_page()
    assert (caught.value.code, caught.value.where) == ("DATA_FORMAT", str(tmp_path / where))
    assert words in str(caught.value) and "leave report.templates empty" in str(caught.value)


def test_an_error_of_the_projects_own_templates_is_a_fault_of_the_program():
    with pytest.raises(AttributeError):
        block("no_such_macro")


def test_only_templates_and_what_lies_beside_them_are_taken(tmp_path):
    for name in ("style.css", "logo.svg", ".style.css.swp", "page.html~"):
        (tmp_path / name).write_text("a")
    (tmp_path / "folder").mkdir()
    assert templates_in(str(tmp_path)) == [tmp_path / "logo.svg", tmp_path / "style.css"]
    assert templates_in("") == []


@pytest.mark.parametrize("names", [[], ["styles.css"]])
def test_a_folder_that_changes_nothing_is_refused(tmp_path, names):
    for name in names:
        (tmp_path / name).write_text("a")
    with pytest.raises(SynthemError) as caught:
        templates_in(str(tmp_path))
    count = "1 file" if names else "0 files"
    assert str(caught.value) == (
        f"ERROR CONFIG_REFERENCE report.templates: `{tmp_path}` has {count}, and none in the "
        "place of a template (expected one of blocks.html, page.html, style.css). "
        "Fix: put one there, or leave the key empty."
    )

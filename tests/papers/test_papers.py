"""Each paper by its preset, on phantoms in the files of its data set, at a size for tests."""

import html
import re

import pytest
import yaml

from tests.shared.nano_workflow import copy_project
from tests.shared.paper_data import cremi, lucchi, nuclei, vnc, vnc_and_lucchi
from tests.shared.project import PROJECT

PAPERS = PROJECT / "presets/papers"
SIZES = PROJECT / "tests/papers"
# How the data of each comes into its folder.
DATA = {
    "3-lucchi-unet": lambda data: lucchi(data / "lucchi"),
    "2-em-gan-thesis": lambda data: cremi(data / "cremi", "A"),
    "2-em-gan-thesis-stylegan": lambda data: cremi(data / "cremi", "A"),
    "2-em-gan-thesis-transfer": lambda data: cremi(data / "cremi", "A"),
    "1-membrane-transfer": lambda data: vnc_and_lucchi(data),
    "4-mode-seeking": lambda data: nuclei(data / "nuclei"),
    "5-patch-vs-vanilla": lambda data: vnc(data / "vnc"),
}


@pytest.fixture(params=DATA)
def made(request, tmp_path):
    """(name of a paper, the project after a run of it)."""
    pytest.importorskip("torch")
    project = copy_project(tmp_path / "project")
    DATA[request.param](project.folder / "data")
    files = [str(PAPERS / f"{request.param}.yaml"), str(SIZES / f"{request.param}.yaml")]
    for target in ("check", "results/report/paper.html"):
        done = project.run(target, config=files)
        assert done.returncode == 0, done.stdout[-4000:]
    return request.param, project


@pytest.mark.long
def test_a_paper_becomes_a_page_with_every_table_and_figure(made):
    name, project = made
    page = (project.folder / "results/report/paper.html").read_text()
    paper = yaml.safe_load((PAPERS / f"{name}.yaml").read_text())["paper"]
    read = html.unescape(page)
    places = [read.index(f"<h2>{part['heading']}</h2>") for part in paper["parts"]]
    assert places == sorted(places)
    figures = sum("figure" in part for part in paper["parts"])
    tables = sum("table" in part for part in paper["parts"])
    assert page.count("<img src=") >= figures and page.count("<table>") >= tables
    # What was printed stands there, and what was found is a number.
    if tables:
        assert re.search(r"<td class=\"n\">[0-9.]+", page)
    assert (", printed</th>" in page) == bool(paper.get("published") and tables)


def test_every_paper_has_its_twin():
    assert (
        set(DATA)
        == {path.stem for path in PAPERS.glob("*.yaml")}
        == {path.stem for path in SIZES.glob("*.yaml")}
    )

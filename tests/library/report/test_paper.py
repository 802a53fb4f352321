"""The page of a publication: its tables and pictures in its order, ours beside what was printed."""

import csv
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from synthem.config.papers import paper_files, paper_filled_in
from synthem.report.paper import paper_page
from tests.shared.project import PROJECT
from tests.shared.traces import Traces

PAPER = paper_filled_in(
    {
        "title": "The paper, made anew",
        "published": "",
        "parts": [
            {
                "heading": "Table 2: scores",
                "text": "Read <this> first.",
                "table": {
                    "file": "{volume}/summary.csv",
                    "rows": {"with synthetic data": "mixed"},
                    "scores": {"IoU": "iou"},
                    "published": "2",
                },
                "unfair": "Another tissue.",
            },
            {
                "heading": "Figure 1",
                "figure": "sheets/{volume}/one.png",
                "caption": "Four images.",
                "targets": ["b"],
            },
        ],
    }
)


class Cells(HTMLParser):
    """The cells of all tables, row by row."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th") or (self.inside and tag == "span")
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


MEANS = """arm,budget,metric,n_replicates,mean,sd,low,high,reason
mixed,all,iou,5,0.75,0.02,0.7,0.8,
"""
UNTRAINED = """arm,budget,metric,n_replicates,mean,sd,low,high,reason
mixed,all,iou,0,,,,,"not trained: replicate 1, synthetic: 0 of 12 images passed"
"""


@pytest.fixture
def page(tmp_path):
    return page_of(MEANS, tmp_path)


def page_of(means, tmp_path, confidence=0.95):
    (tmp_path / "printed.csv").write_text(
        "table,row,score,value\n2,with synthetic data,IoU,0.9\n2,by hand,IoU,1.0\n"
    )
    files = {}
    for number, path in enumerate(paper_files(PAPER, ["a", "b"])):
        files[path] = tmp_path / f"{number}{path[-4:]}"
        if path.endswith("csv"):
            files[path].write_text(means)
        else:
            Image.fromarray(np.zeros((8, 8), np.uint8)).save(files[path])
    given = {"published": tmp_path / "printed.csv", "files": files, "confidence": confidence}
    return paper_page(PAPER, ["a", "b"], **given)


def test_its_files_are_those_of_all_targets_or_of_those_that_are_named():
    assert paper_files(PAPER, ["a", "b"]) == [
        "results/tables/a/summary.csv",
        "results/tables/b/summary.csv",
        "results/figures/sheets/b/one.png",
    ]


def test_a_row_has_what_was_found_and_what_was_printed(page):
    rows = Cells(page).rows
    assert rows[0] == ["", "replicates", "IoU, here", "IoU, printed"]
    assert (
        rows[1][:2] == ["with synthetic data", "5"]
        and rows[1][2].startswith("0.750")
        and rows[1][3] == "0.900"
    )
    assert rows[2][0] == "by hand" and rows[2][2:] == ["–", "1.000"]  # of the publication alone
    assert page.count("Another tissue.") == 2 and "Read &lt;this&gt; first." in page
    assert page.index("Table 2: scores") < page.index("Figure 1") < page.index("Four images.")


def test_what_was_not_trained_or_not_measured_is_not_undefined(tmp_path):
    rows = Cells(page_of(UNTRAINED, tmp_path)).rows
    assert rows[1] == ["with synthetic data", "0", "not trained", "0.900"]
    rows = Cells(page_of(UNTRAINED.replace(",iou,", ",dice,"), tmp_path)).rows
    assert rows[1] == ["with synthetic data", "–", "not measured", "0.900"]


def test_the_confidence_of_its_intervals_is_that_of_the_run(tmp_path):
    assert "half of its 90 % interval" in page_of(MEANS, tmp_path, confidence=0.9)


def printed(name):
    with open(PROJECT / f"presets/papers/published/{name}.csv") as file:
        return {(row["table"], row["row"], row["score"]): float(row["value"]) for row in csv.DictReader(file)}


def test_the_thesis_was_copied_without_slips():
    """What its tables say of each other holds: VOI is split and merge, the loss of G the sum of its parts."""
    thesis = printed("2-em-gan-thesis")
    grids = ["5.2 to 5.4", "5.7 to 5.9"]
    for grid in grids:
        cells = [cell for table, cell, score in thesis if (table, score) == (grid, "VOI")]
        assert len(cells) == 36
        for cell in cells:
            parts = thesis[grid, cell, "split"] + thesis[grid, cell, "merge"]
            assert thesis[grid, cell, "VOI"] == pytest.approx(parts, abs=2e-4)
    boundless = [(table, row) for table, row, score in thesis if score == "G loss"]
    assert len(boundless) == 6
    for table, row in boundless:
        parts = thesis[table, row, "pixel-wise"] + 0.01 * thesis[table, row, "adversarial"]
        assert thesis[table, row, "G loss"] == pytest.approx(parts, abs=2e-5)


def test_its_tables_and_pictures_lead_to_what_ran_for_each_target(page):
    ran = {"a/index.html#what-ran", "b/index.html#what-ran"}
    assert {part: links for part, _, links in Traces(page).shown} == {
        "Table 2: scores": ran,
        "Figure 1": ran,
    }

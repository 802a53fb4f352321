"""Whoever is cited stands in docs/papers.md, and files that it names exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "workflow_scripts/synthem"
PAGE = (ROOT / "docs/papers.md").read_text()
# A surname, perhaps with others, and a year: (Isola et al. 2017), Glorot and Bengio 2010.
CITED = re.compile(
    r"\b([A-ZÅÄÖÜ][\w-]*[a-z])(?: et al\.| (?:and|&) [A-Z]\w+| Fraile)?,?(?: about)?"
    r" \(?((?:19|20)\d\d)\b(?!-)"  # a date goes on with a month
)


def product():
    """Files that a user or a developer reads, but for the bibliography and what has been measured."""
    folders = ("workflow_scripts", "rules", "presets", "docs")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    files += [ROOT / name for name in ("README.md", "config.yaml", "Snakefile")]
    return [
        path
        for path in files
        if path.suffix in {".py", ".smk", ".rst", ".yaml", ".md", ""} and path.is_file()
    ]


def cited(text):
    return {(name, int(year)) for name, year in CITED.findall(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pix2pix (Isola et al. 2017), by half", {("Isola", 2017)}),
        ("(Glorot and Bengio 2010)", {("Glorot", 2010)}),
        ("the thesis (Herreros Fraile 2021) and Meila 2007", {("Herreros", 2021), ("Meila", 2007)}),
        ("(Wang, about 2020; not Wang et al. 2018)", {("Wang", 2020), ("Wang", 2018)}),
        ("ISBI 2012, Draft2020, 2026-11-28, in 1987", set()),
        ("commit 9f7e9cb6, Some Processor, 2026-11-29, 6 replicates", set()),
    ],
)
def test_a_citation_is_a_surname_with_a_year(text, expected):
    assert cited(text) == expected


def test_who_is_cited_stands_in_the_bibliography():
    known = cited(PAGE)
    assert len(known) > 35
    missing = {
        (str(path.relative_to(ROOT)), *one) for path in product() for one in cited(path.read_text()) - known
    }
    assert not missing


def test_no_paper_is_a_number():
    """Nobody but those who have our folder of papers knows which one is the second."""
    numbered = re.compile(r"\b[Pp]apers?(?:'s)? [1-5]\b")
    assert not [str(path.relative_to(ROOT)) for path in product() if numbered.search(path.read_text())]


def test_the_files_of_the_bibliography_exist():
    named = re.findall(r"`([\w/+.-]+\.(?:py|yaml))`", PAGE)
    assert len(named) > 40
    assert not [name for name in named if not (LIBRARY / name).is_file() and not (ROOT / name).is_file()]


def rows_below(heading):
    """Cells of the table below a heading of the bibliography, without its two first lines."""
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")][2:]


def test_our_numbers_beside_those_of_others_are_results():
    """Those of a row stand in one paragraph or table of the page of results."""
    parts = (ROOT / "docs/results.md").read_text().split("\n\n")
    results = [set(re.findall(r"(?<![\d.])\d*\.\d+", part)) for part in parts]
    ours = [set(re.findall(r"\d*\.\d+", cells[-1])) for cells in rows_below("Numbers to beat")]
    assert sum(map(len, ours)) > 6
    assert not [numbers for numbers in ours if not any(numbers <= part for part in results)]

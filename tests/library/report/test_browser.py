"""The report in a real browser: on a screen, on a phone, on paper."""

import io

import pytest
from PIL import Image

from synthem.report.blocks import figure, folded, table
from synthem.report.contents import build_page
from synthem.report.runs import provenance_parts
from synthem.report.text import PARTS
from synthem.report.verdict import verdict_matrix
from tests.shared.chromium import opened
from tests.shared.pages import BOTTOM, NO_WIDER, NOT_CUT_OFF, OPEN_ALL, VISIBLE_WORDS, quiet
from tests.shared.report_pages import answer, comparison, first_screen, record

SEEN = "document.getElementById('{}').checkVisibility({{contentVisibilityAuto: true}})"


@pytest.fixture
def report(tmp_path):
    """A page with every part: five budgets, long names, wide tables, large pictures."""
    budgets = ("1", "3", "8", "20", "all")
    rows = [
        comparison(arm=arm, budget=budget, labelled_slices=9)
        for arm in ("mixed", "a_long_name_of_an_arm.with-dots")
        for budget in budgets
    ]
    buffer = io.BytesIO()
    Image.new("RGB", (1400, 900), "grey").save(buffer, "PNG")
    wide = table([{f"a column with a long name {n}": "x/" * 40 for n in range(30)}], caption="Wide. " * 40)
    content = [figure(buffer.getvalue(), "A caption. " * 20, "a picture", title="one"), wide, "Text. " * 99]
    sections = {key: content for key in PARTS} | {"provenance": provenance_parts(record())}
    sections["arms"] = [verdict_matrix(rows, answer(*rows), {"mixed": "#run-train-unet-mixed"})]
    sections |= {"tables": [wide, folded("Deeper", wide)]}
    path = tmp_path / "index.html"
    path.write_text(build_page(sections, title="mitochondria in hippocampus", first=first_screen(*rows)[0]))
    return path


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_cut_off_requested_or_complained_about(report, tmp_path, width):
    with opened(report, tmp_path, width=width) as browser:
        assert browser.evaluate(NOT_CUT_OFF) == []
        assert browser.evaluate(NO_WIDER)
        browser.evaluate(OPEN_ALL)
        assert browser.evaluate(NOT_CUT_OFF) == []
        assert browser.evaluate(NO_WIDER)
        assert quiet(browser, report)


def test_four_budgets_stand_side_by_side_and_scroll_nowhere(tmp_path):
    budgets = ("1", "2", "8", "all")
    rows = [comparison(arm="real_strong", budget=budget, labelled_slices=9) for budget in budgets]
    path, sections = tmp_path / "index.html", dict.fromkeys(PARTS, ["Text."])
    sections["arms"] = [verdict_matrix(rows, answer(*rows), {})]
    path.write_text(build_page(sections, title="mitochondria", first=first_screen(*rows)[0]))
    with opened(path, tmp_path, width=1280) as browser:
        room = "document.querySelector('.matrix').parentElement"
        assert browser.evaluate(f"{room}.scrollWidth") <= browser.evaluate(f"{room}.clientWidth")
        assert browser.evaluate("document.querySelector('.whole').getClientRects().length") == 1


def test_the_first_screen_ends_above_900_pixels_and_what_is_folded_takes_no_room(report, tmp_path):
    with opened(report, tmp_path) as browser:
        assert browser.evaluate(BOTTOM) < 900
        assert not browser.evaluate(SEEN.format("what-ran"))
        folded_words = browser.evaluate(VISIBLE_WORDS)
        browser.evaluate(OPEN_ALL)
        assert browser.evaluate(VISIBLE_WORDS) > 2 * folded_words


def test_a_link_opens_what_it_leads_to_so_that_two_clicks_lead_to_the_settings(report, tmp_path):
    with opened(report, tmp_path) as browser:
        assert not browser.evaluate(SEEN.format("run-train-unet-mixed"))
        browser.evaluate("document.querySelector('.matrix a').click()")
        browser.wait_for(SEEN.format("run-train-unet-mixed"))
        link = "document.querySelector('#run-train-unet-mixed a')"
        settings = browser.evaluate(f"{link}.getAttribute('href').slice(1)")
        assert not browser.evaluate(SEEN.format(settings))
        browser.evaluate(f"{link}.click()")
        browser.wait_for(SEEN.format(settings))


def test_on_paper_everything_is_unfolded(report, tmp_path):
    with opened(report, tmp_path) as browser:
        height = "document.documentElement.scrollHeight"
        browser.evaluate(OPEN_ALL)
        browser.call("Emulation.setEmulatedMedia", media="print")
        whole = browser.evaluate(height)
        browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")
        assert browser.evaluate(height) == pytest.approx(whole, rel=0.01)
        browser.call("Emulation.setEmulatedMedia", media="screen")
        assert browser.evaluate(height) < whole / 2

"""The report in a real browser: on a screen, on a phone, on paper."""

import io

import pytest
from PIL import Image

from synthem.report.blocks import figure, folded, table
from synthem.report.contents import build_page
from synthem.report.runs import provenance_parts
from synthem.report.text import PARTS
from synthem.report.verdict import verdict_matrix
from tests.library.report.test_page import answer, comparison, first_screen
from tests.library.report.test_runs import record
from tests.shared.chromium import opened

# Words that a reader sees: what is folded away has no box, or one that is hidden.
VISIBLE_WORDS = """(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let words = 0;
  while (walker.nextNode())
    if (walker.currentNode.parentElement.checkVisibility({visibilityProperty: true}))
      words += walker.currentNode.textContent.split(/\\s+/).filter(Boolean).length;
  return words;
})()"""
NOT_CUT_OFF = """[...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll, pre')
  && one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth
  ).map(one => one.outerHTML.slice(0, 99))"""
NO_WIDER = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
BOTTOM = "document.querySelector('.opening').getBoundingClientRect().bottom"
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


def quiet(browser, path):
    """Neither a console message nor an issue nor a request but for the page itself and data within it."""
    heard = browser.events(
        "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded"
    )
    urls = {event["params"]["request"]["url"] for event in browser.events("Network.requestWillBeSent")}
    return not heard and {url for url in urls if not url.startswith("data:")} == {path.resolve().as_uri()}


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_cut_off_requested_or_complained_about(report, tmp_path, width):
    with opened(report, tmp_path, width=width) as browser:
        assert browser.evaluate(NOT_CUT_OFF) == []
        assert browser.evaluate(NO_WIDER)
        browser.evaluate(OPEN_ALL)
        assert browser.evaluate(NOT_CUT_OFF) == []
        assert browser.evaluate(NO_WIDER)
        assert quiet(browser, report)


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

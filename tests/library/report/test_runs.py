"""From an arm to what its networks were made from."""

import re

from synthem.report.blocks import table
from synthem.report.checked import arm_table
from synthem.report.contents import build_page
from synthem.report.rendering import together
from synthem.report.runs import arm_links, provenance_parts, short_hash, traced
from synthem.report.text import PARTS
from tests.shared.report_pages import answer, comparison, record
from tests.shared.traces import Traces


def test_the_link_of_an_arm_leads_to_its_code_seed_settings_and_device():
    page = together(provenance_parts(record()))
    (link,) = {arm_links({"mixed": "mixed"})["mixed"]}
    own = page[page.index(f'id="{link[1:]}"') :]
    own = own[: own.index("</table>")]
    for cell in ("300aaaaaaaaa", "cuda: H200", ">7<", ">1<", ">2<", ">3<"):
        assert cell in own, cell
    (settings,) = set(re.findall('href="#(settings-[0-9a-f]{12})"', own))
    assert page.count(f'id="{settings}"') == 1
    listing = page[page.index(f'id="{settings}"') :]
    assert "&#34;steps&#34;: 300" in listing[: listing.index("</pre>")]


def test_settings_that_networks_share_are_shown_once_without_what_differs_by_draw():
    page = together(provenance_parts(record()))
    assert page.count("<summary>Settings ") == 3
    assert "&#34;replicate&#34;" not in page


def test_an_arm_whose_networks_are_those_of_another_leads_there():
    assert arm_links({"filled": "real"}) == {"filled": "#run-train-unet-real"}


def test_the_hash_of_settings_is_of_what_they_say_not_of_their_order():
    assert short_hash({"a": 1, "b": 2}) == short_hash({"b": 2, "a": 1}) != short_hash({"a": 2, "b": 1})


def test_every_part_leads_to_what_ran_where_the_page_says_it():
    content = {key: [table([{"number": 1}])] for key in PARTS}
    ran = {"provenance": provenance_parts(record())}
    shown = Traces(build_page(content | ran, title="A", first="")).shown
    leads = {part: links for part, _, links in shown if part != "What ran"}
    assert leads == {heading: {"#what-ran"} for key, (heading, *_) in PARTS.items() if key != "provenance"}
    assert not any(
        links for *_, links in Traces(build_page({"arms": content["arms"]}, title="A", first="")).shown
    )


def test_words_above_numbers_are_text_whatever_they_hold():
    assert traced("<b> & c", {"Ran": "#a"}) == '&lt;b&gt; &amp; c <a href="#a">Ran</a>'
    assert (
        traced("", {"Ran": "#a", "Other": "b.html#c"}) == '<a href="#a">Ran</a> <a href="b.html#c">Other</a>'
    )
    assert traced("", {}) == ""


def test_the_reference_in_the_table_of_arms_leads_to_its_networks_too():
    found = answer(comparison())
    found["arms"]["real"] = "real slices"
    shown = arm_table(
        [{"arm": "real"}, {"arm": "mixed"}], found, arm_links({"real": "real", "mixed": "mixed"})
    )
    assert re.search('<a href="#run-train-unet-real">\\s*real \\(reference\\)\\s*</a>', shown)
    assert re.search('<a href="#run-train-unet-mixed">\\s*mixed\\s*</a>', shown)


def test_the_table_of_arms_says_which_settings_differ_from_those_of_the_reference():
    found = answer(comparison())
    found["arms"] = {"real": "real images alone", "mixed": "real images alone; variant `late`"}
    lines = ["unets.network.kind: unet → boundless", "unets.training.steps: 150 → 300"]
    shown = arm_table([{"arm": "real", "changes": []}, {"arm": "mixed", "changes": lines}], found)
    assert shown.count("settings that differ") == 2  # its column, and what that means
    for line in lines:
        assert re.search(f"<div>\\s*{re.escape(line)}\\s*</div>", shown), line
    arms = [{"arm": "real", "changes": []}, {"arm": "mixed", "changes": []}]
    assert "settings that differ" not in arm_table(arms, found)


def test_what_a_variant_changes_is_text_whatever_it_holds():
    found = answer(comparison())
    found["arms"]["real"] = "real images alone"
    shown = arm_table([{"arm": "real", "changes": ["unets.start: none → <b>"]}], found)
    assert "<b>" not in shown and "&lt;b&gt;" in shown

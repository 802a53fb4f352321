"""From an arm to what its networks were made from."""

import re

from synthem.report.rendering import together
from synthem.report.runs import arm_links, provenance_parts, short_hash
from tests.shared.report_pages import record


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

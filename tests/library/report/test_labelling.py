"""The page of the slices of a whole stack that are worth labelling next."""

import io
import re

from PIL import Image

from synthem.metrics.label_next import ENTROPY, NONE_LEFT, WHY
from synthem.report.labelling import label_next_page, stacks_page, whole_stacks
from synthem.report.tiles import with_tiles

ROWS = [
    {"rank": 1, "slice": 12, "doubt": 0.25, "measure": ENTROPY},
    {"rank": 2, "slice": 3, "doubt": 0.125, "measure": ENTROPY},
]


FOUND = (["2 objects of mitochondria"], [])
OBJECT = {"label": 7, "voxels": 4, "volume_um3": 0.25, "diameter_nm": 781.6, "z": 1.5, "y": 2.0, "x": 4.0}
OBJECT |= {"z_first": 1, "z_last": 2, "cut": 1, "confidence": 0.75}


def picture(grey):
    data = io.BytesIO()
    Image.new("L", (30, 20), grey).save(data, "PNG")
    return data.getvalue()


def test_the_page_lists_slices_in_their_order_and_leads_to_a_picture_of_each():
    page = label_next_page(
        ROWS, WHY[ENTROPY], {12: picture(10), 3: picture(20)}, found=FOUND, stack="<mine>", arm="real"
    )
    assert "the network is least sure of its voxels" in page
    assert "The stack &lt;mine&gt;, segmented by the networks of real" in page and "<mine>" not in page
    table = page[page.index("<table") : page.index("</table>")]
    assert re.findall(r'href="#(slice-\d+)"', table) == ["slice-12", "slice-3"]
    assert re.findall(r"0[.]\d+", table) == ["0.250", "0.125"]
    places = [page.index(f'id="slice-{z}"') for z in (12, 3)]
    assert places == sorted(places) and page.count("<img") == 2
    assert page.count("src=") == page.count('src="data:') == 2  # it opens offline


def test_the_page_of_a_stack_of_tiles_lists_tiles():
    pictures = {12: picture(10), 3: picture(20)}
    page = with_tiles(label_next_page(ROWS, WHY[ENTROPY], pictures, found=FOUND, stack="mine", arm="real"))
    words = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert "Label these tiles next" in words and re.findall(r"Tile (\d+)", words)[:2] == ["12", "3"]
    assert not re.search("slice", words, re.IGNORECASE)


def test_the_page_of_a_stack_with_labels_everywhere_has_a_sentence_alone():
    page = label_next_page([], NONE_LEFT, {}, found=FOUND, stack="mine", arm="real")
    assert NONE_LEFT in page and "<table" not in page and "<img" not in page


def test_what_was_found_stands_first_with_the_objects_that_nobody_is_sure_of():
    page = label_next_page([], NONE_LEFT, {}, found=(FOUND[0], [OBJECT]), stack="mine", arm="real")
    assert page.index("2 objects of mitochondria") < page.index(NONE_LEFT)
    table = page[page.index("<table") : page.index("</table>")]
    heads = re.findall(r"<th[^>]*>([^<]+)", table)
    assert heads == ["label", "diameter, nm", "z", "y", "x", "at a face", "sure"]
    assert "<td>yes</td>" in table.replace(' class=""', "") and "0.750" in table


def test_the_report_leads_to_the_slices_worth_labelling_of_each_stack():
    assert whole_stacks([], "real") == []
    said, side_by_side = whole_stacks(["one", "two"], "mixed")
    assert 'href="../../apply/stacks/mixed.html"' in side_by_side
    for name in ("one", "two"):
        folder = f"results/apply/{name}/mixed"
        assert folder in said.replace("<wbr>", "")
        link = f'<a href="../../apply/{name}/mixed/label_next.html">'  # from results/report/{target}
        assert link in said


def test_all_stacks_stand_side_by_side_with_links_and_what_is_unknown_is_a_dash():
    of_all = {"fraction": 0.0512, "objects": 7, "cut": 2, "counted": 5, "confidence": 0.75}
    of_all |= {f"{axis}_um": 1.5 for axis in "zyx"} | {"least_confidence": 0.25}
    sizes = {"volume_um3": 3.375, "total_um3": 0.1728, "objects_per_um3": 2.4691, "mean_um3": 0.0207}
    solid = {"stack": "<one>"} | of_all | sizes | {"median_um3": 0.000123}
    areas = {name.replace("volume", "area").replace("um3", "um2"): value for name, value in sizes.items()}
    flat = {"stack": "two"} | of_all | {"z_um": None} | areas | {"median_um2": None}
    page = stacks_page([solid, flat], structure="mitochondria", arm="real")
    first, second = re.findall("<table.*?</table>", page, re.DOTALL)
    heads = re.findall(r"<th[^>]*>([^<]+)", first)
    assert heads[:6] == ["stack", "size, µm", "share", "objects", "at a face", "per µm³"]
    cells = [re.sub("<[^>]+>", "", cell) for cell in re.findall("<td.*?</td>", first)]
    assert cells[0] == "&lt;one&gt;" and "<one>" not in page
    assert cells[1:6] == ["1.5 × 1.5 × 1.5", "5.12 %", "7", "2", "2.47"]
    assert cells[6:] == ["0.0207", "0.000123", "0.173", "0.75", "0.25"]
    assert 'href="../two/real/label_next.html"' in second and "1.5 × 1.5<" in second.replace("<wbr>", "")
    assert "median, µm²" in second and ">–<" in second
    assert "too low where many" in page and "Nobody has checked" in page

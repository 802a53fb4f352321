import io
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synthem.figures.segmentations import ranked_slices
from synthem.report.blocks import Part, figure, number_text, table, video
from synthem.report.captions import CAPTIONS
from synthem.report.checked import check_table
from synthem.report.contents import build_page
from synthem.report.opening import cost, data_of, scope
from synthem.report.rendering import TEMPLATES, page, together
from synthem.report.runs import facts
from synthem.report.side_by_side import overview
from synthem.report.text import COLUMNS, PARTS, VERDICTS
from synthem.report.verdict import certainty, verdict_matrix
from synthem.storage.volumes import Facts, Volume, write_volume
from tests.shared.project import LIBRARY, PROJECT
from tests.shared.report_pages import DATA, MEANS, answer, comparison, first_screen, record

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>\n& https://evil.example/"
VOID = {"meta", "img", "br", "wbr"}


class Balance(HTMLParser):
    """Fails on a closing tag without its opening one; collects what the page holds."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.ids, self.links = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.ids.append(attrs.get("id"))
        self.links += [attrs[key] for key in ("href", "src") if key in attrs]
        assert not any(key.startswith("on") for key in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(page):
    parser = Balance()
    parser.feed(page)
    assert not parser.open
    return parser


def pixel():
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2)).save(buffer, "PNG")
    return buffer.getvalue()


def box(*rows, **changed):
    """The first screen and the table of all arms below it."""
    found = answer(*rows, **changed)
    return first_screen(*rows, **changed)[0] + (verdict_matrix(list(rows), found) if rows else "")


def hostile_page():
    row = dict.fromkeys(
        ("volume", "part", "source", "shape", "type", "voxel_size_nm", "found", "problem"), HOSTILE
    )
    sections = {
        "checks": [check_table([row]), HOSTILE],
        "volumes": [figure(pixel(), HOSTILE, HOSTILE, title=HOSTILE)],
        "tables": [table([{HOSTILE: HOSTILE}], caption=HOSTILE, terms={HOSTILE: HOSTILE})],
        "provenance": [facts({HOSTILE: HOSTILE})],
    }
    rows = [comparison(arm=HOSTILE, reference=HOSTILE), comparison(arm="other" + HOSTILE)]
    sections["arms"] = [verdict_matrix(rows, answer(*rows), {HOSTILE: "#run-x"})]
    return build_page(sections, title=HOSTILE, first=first_screen(*rows, question=HOSTILE)[0])


def test_every_section_is_there_in_order_and_listed_in_the_contents():
    page = build_page({key: ["a"] for key in PARTS}, title="A", first=box(comparison()))
    headings = re.findall("<h2>(.*?)</h2>", page)
    assert headings == ["The verdict"] + [heading for heading, *_ in PARTS.values()]
    parser = parsed(page)
    contents = [link for link in parser.links if not link.startswith(("#what-ran", "#run-"))]  # of the facts
    assert [link[1:] for link in contents] == [name for name in parser.ids if name and name != "what-ran"]


def test_a_part_without_content_is_not_there():
    (heading, lead, _), (_, other, _) = PARTS["quiz"], PARTS["volumes"]
    page = build_page({"quiz": [], "volumes": ["a"], "checks": [""]}, title="A", first=box())
    assert heading not in page and lead not in page and other in page
    assert PARTS["checks"][0] not in page


def test_what_is_not_among_the_first_three_things_is_folded_and_printed_all_the_same():
    page = build_page({"volumes": ["a"], "learning_curve": ["b"]}, title="A", first=box())
    assert re.search(r'<details class="part">\s*<summary><h2>The volumes</h2></summary>', page)
    assert re.search(r'<section id="learning-curve">\s*<h2>', page)
    assert re.search(r"@media print {\s+details::details-content { content-visibility: visible", page)


def test_the_words_at_test_slices_name_all_that_are_shown():
    assert list(ranked_slices([0.2, 0.9, 0.5])) == ["best", "middling", "worst"]
    for caption in (CAPTIONS["segmentations"], (PROJECT / "rules/captions/segmentations.rst").read_text()):
        assert caption.startswith("The best, a middling and the worst test slice of the reference, in")


def test_the_text_that_opens_snakemakes_report_names_all_its_chapters():
    rules = "".join(path.read_text() for path in (PROJECT / "rules").glob("*.smk"))
    chapters = set(re.findall(r'category="(.+)"', rules))
    opening = (PROJECT / "rules/captions/workflow.rst").read_text()
    assert len(chapters) == 8 and [one for one in sorted(chapters) if one not in opening] == []
    assert "synthetic images" not in opening, "arms may be networks, and need not learn from any"


def test_nothing_is_claimed_of_trainings_that_settings_can_change():
    """Arms may have steps and schedules of their own (presets/papers/2-em-gan-thesis-transfer.yaml)."""
    said = PARTS["training"][1] + (PROJECT / "rules/captions/training.rst").read_text()
    assert "All losses" not in said and "equally many" not in said


def test_a_part_that_does_not_exist_is_refused():
    with pytest.raises(KeyError, match="volmes"):
        build_page({"volmes": []}, title="A", first=box())


def test_the_first_screen_has_effect_interval_scope_cost_and_what_to_do():
    shown, text = first_screen(comparison())
    words = ["Synthetic data helps", "+0.050 IoU", "95 % interval", "+0.021 to +0.079", "IoU"]
    words += ["36 test slices", "72 × 224 × 224 voxels of 5 × 5 × 5 nm", "3 labelled slices, 2 replicates"]
    words += ["10 min of computing", "5 networks trained"]
    for word in words:
        assert word in text and word in shown, word
    assert '<a href="#run-train-unet-mixed">What ran</a>' in shown
    assert "<li>Do <code>this</code>.</li>" in shown and "- Do `this`." in text and "<" not in text


def test_the_data_are_those_that_networks_see(tmp_path):
    """Both stacks of a target with a test stack of its own, and in the pixels that `resize` made."""
    facts = Facts(voxel_size_nm=(5.0, 7.5, 7.5), blocks={"train": ((0, 3),), "test": ((3, 4), (6, 8))})
    write_volume(tmp_path / "volume.h5", Volume(np.zeros((8, 5, 6), np.uint8), facts))
    data = data_of(tmp_path / "volume.h5")
    shown = list(scope(answer(), [], data))
    assert not data["apart"]
    assert ("3 test slices", "8 × 5 × 6 voxels of 5 × 7.5 × 7.5 nm in all") in [
        (fact["value"], fact["note"]) for fact in shown
    ]


@pytest.mark.parametrize(
    "tiles, words",
    [
        (((5, 6), (4, 6), (5, 4)), "3 tiles of 5 × 4 to 5 × 6 pixels of 500 × 400 nm in all"),
        (((5, 6), (5, 6), (5, 6)), "3 tiles of 5 × 6 pixels of 500 × 400 nm in all"),
    ],
)
def test_tiles_have_sizes_of_their_own_and_no_depth(tmp_path, tiles, words):
    """The frame of 5 x 6 pixels around small ones holds their mirror images: nobody has taken these."""
    blocks = {"train": ((0, 2),), "test": ((2, 3),)}
    facts = Facts(voxel_size_nm=(4000.0, 500.0, 400.0), blocks=blocks, tiles=tiles, linked=False)
    write_volume(tmp_path / "volume.h5", Volume(np.zeros((3, 5, 6, 3), np.uint8), facts))
    shown = list(scope(answer(), [], data_of(tmp_path / "volume.h5")))
    assert ("1 test slice", words) in [(fact["value"], fact["note"]) for fact in shown]


def test_a_test_stack_of_its_own_is_known(tmp_path):
    """Stacks of their own for validation, from slice 3, and for the test, from slice 5."""
    blocks = {"train": ((0, 3),), "validation": ((3, 5),), "test": ((5, 8),)}
    for name, starts in (("own", (3, 5)), ("other", (3,))):
        stacks = tuple((first, (0.0, 0.0, 0.0)) for first in starts)
        facts = Facts(voxel_size_nm=(5.0, 5.0, 5.0), blocks=blocks, own_stacks=stacks)
        write_volume(tmp_path / f"{name}.h5", Volume(np.zeros((8, 5, 6), np.uint8), facts))
    assert data_of(tmp_path / "own.h5")["apart"] and not data_of(tmp_path / "other.h5")["apart"]


def test_hours_are_told_as_on_the_terminal():
    made = record() | {"durations": [{"rule": "train_unet", "seconds": 3 * 3600 + 300.0}]}
    assert cost(made)["value"] == "3 h 5 min of computing"


def test_hours_of_several_targets_are_not_told_as_those_of_one():
    made = record() | {"durations": [{"rule": "train_unet", "seconds": 600.0}]}
    assert cost(made)["value"] == "10 min of computing"
    found = cost(made | {"config": {"targets": ["v", "w"]}})
    assert found["value"] == "10 min of computing for all 2 volumes"
    assert found["note"].startswith("5 networks trained for this one (")


def test_tags_are_balanced_whatever_the_names_in_the_data():
    parser = parsed(hostile_page())
    assert parser.tags.count("img") == 1


def test_hostile_names_give_neither_scripts_nor_links():
    page = hostile_page()
    assert "<script" not in page
    links = parsed(page).links
    assert all(link.startswith(("#", "data:image/webp;base64,")) for link in links)
    assert "&lt;script&gt;alert(1)" in page


def test_an_ordinary_page_names_no_address_at_all():
    picture = figure(pixel(), "A slice.", "slice")
    page = build_page({"volumes": [picture]}, title="A", first=box(comparison()))
    assert not re.search("https?:|//[a-z]|url\\(|@import", page)


def test_a_picture_carries_its_size_caption_and_alternative_text():
    html = figure(pixel(), "A slice.", "A grey slice")
    assert 'width="3" height="2" alt="A grey slice"' in html
    assert "<figcaption>A slice.</figcaption>" in html


@pytest.mark.parametrize("verdict", VERDICTS)
def test_each_verdict_is_said_in_words_with_symbol_interval_and_n(verdict):
    html = box(comparison(verdict=verdict, reason="the networks have not learnt"))
    symbol, words, _ = VERDICTS[verdict]
    assert f"<strong>{words.format('Synthetic data')}</strong>" in html
    assert html.count(f">{symbol}</span>") == 2
    numbers = '<strong>+0.050</strong> <span class="whole">(+0.021 to +0.079)</span>'
    assert (numbers in html) == ("n&nbsp;=&nbsp;6" in html) == (verdict != "no answer")


def test_every_arm_and_budget_has_its_cell_whatever_the_question_is_about():
    rows = [comparison(arm=arm, budget=budget) for arm in ("mixed", "pasted") for budget in ("3", "8")]
    html = box(*rows[:3], asked=["mixed"])
    assert html.count("<strong>+0.050</strong>") == 3 and "<td>–</td>" in html
    assert "what pasted learns from" in html
    assert '<th scope="col">3 labelled slices</th><th scope="col">' in html


def test_open_budgets_are_not_covered_by_the_headline():
    html = box(comparison(), comparison(budget="all", labelled_slices=22, verdict="undecided"))
    assert "<strong>Synthetic data helps with 3 labelled slices</strong>" in html
    assert "Still open: 1 of 2 comparisons that the question is about." in html


def test_of_several_arms_the_headline_names_those_that_are_decided():
    rows = [comparison(), comparison(budget="8"), comparison(arm="new", verdict="exploratory")]
    assert "<strong>Synthetic data helps: mixed with 3 and 8 labelled slices</strong>" in box(*rows)


def test_where_there_is_no_answer_stand_the_reason_and_the_labels_instead_of_numbers():
    lacking = {"verdict": "no answer", "reason": "0 of 24 <images> passed the filter"}
    html = box(comparison(**lacking), comparison(arm="new", budget="8", **lacking))
    reason = "No answer with 3 and 8 labelled slices: 0 of 24 &lt;images&gt; passed the filter."
    assert html.count(reason) == 1
    assert "0.050" not in html


def test_what_got_furthest_leads_where_nothing_is_decided():
    rows = [comparison(budget="1", verdict="no answer"), comparison(budget="8", verdict="exploratory")]
    assert "<strong>A first look, no answer with 8 labelled slices</strong>" in box(*rows)
    rows.append(comparison(budget="all", labelled_slices=22, verdict="undecided"))
    assert "<strong>Undecided with all 22 labelled slices</strong>" in box(*rows)
    rows.append(comparison())
    assert "<strong>Synthetic data helps with 3 labelled slices</strong>" in box(*rows)


def test_a_run_of_one_arm_shows_its_score_and_says_whether_its_networks_have_learnt():
    lacking = {"budget": "3", "labelled_slices": 3, "reason": "the networks are no better than <nothing>"}
    html = box(unlearnt=[lacking])
    assert "With 3 labelled slices, the networks are no better than &lt;nothing&gt;." in html
    assert "<strong>IoU: 0.847 with 3 labelled slices</strong>" in html
    assert "<strong>0.847 (0.579\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}1.000)</strong>" in html
    assert "1.115" not in html and "<" not in first_screen()[1]


def test_a_run_whose_other_arms_are_controls_shows_its_score_and_says_so():
    html = box(comparison(arm="copies", verdict="no effect"), asked=[])
    assert "<strong>IoU: 0.847 with 3 labelled slices</strong>" in html and "one arm only" not in html
    assert "Every other arm of this run is a control" in html


def test_contradicting_verdicts_give_no_single_answer():
    html = box(comparison(), comparison(budget="8", verdict="no effect"))
    assert "<strong>It depends on the arm or the number of labels</strong>" in html


def test_arms_that_had_not_finished_learning_or_are_worse_than_a_threshold_are_named_beside_the_verdict():
    both = "its networks had not finished learning: 56 %; what needs no network is better: random forest 0.6"
    rows = [comparison(verdict="harms", caveat=both), comparison(arm="new", verdict="harms", caveat=None)]
    rows += [comparison(arm="other", verdict="no answer", caveat=both)]
    html, text = first_screen(*rows)
    assert "Had not finished learning, so that equal steps are compared" in text
    assert "not networks at their best: mixed with 3 labelled slices." in text
    assert "needs no network (a threshold, a random forest): mixed with 3 labelled slices." in html
    matrix = verdict_matrix(rows, answer(*rows))
    assert matrix.count("had not finished learning") == 1


def test_of_one_label_budget_a_verdict_depends_on_the_arm_alone():
    html = box(comparison(), comparison(arm="new", verdict="no effect"))
    assert "<strong>It depends on the arm</strong>" in html
    assert "the largest of 2 changes, which a table below lists." in html


@pytest.mark.parametrize(
    ("budgets", "said"),
    [
        (["all"], "in each, all networks"),
        (["3", "all"], "in each, labels and all"),
        (["3"], "in each, labels and all"),
    ],
)
def test_where_all_slices_are_labelled_no_labels_are_drawn(tmp_path, budgets, said):
    means = [
        MEANS[0] | {"budget": budget, "labelled_slices": 3 if budget == "3" else 22} for budget in budgets
    ]
    (labels,) = [one for one in scope(answer(), means, DATA) if one["name"] == "Labels"]
    assert labels["note"].startswith(said) and labels["note"].endswith("networks are drawn anew")


def test_a_p_that_nobody_knows_better_is_written_as_a_bound():
    rows = [{"p_adjusted": 3e-9, "p_equivalence": 0.5, "better": 3e-9}]
    html = table(rows)
    assert '<td class="n">&lt; 1e-8</td>' in html and ">0.500<" in html and ">3e−09<" in html


def test_a_missing_interval_is_said_in_words():
    html = box(comparison(low=None, high=None, n_replicates=1, verdict="exploratory"))
    assert '+0.050</strong> <span class="whole">(no interval)</span>' in html


def test_the_certainty_has_sentences_components_and_how_many_scores_were_looked_at():
    components = [
        {"arm": "mixed", "budget": "3", "component": name, "sd": sd, "share": share}
        for name, sd, share in (("replicates", 0.03, 0.75), ("blocks", 0.01, 0.25))
    ]
    html = together(certainty([comparison()], components, answer(comparison())))
    assert "<li><code>mixed</code> &amp; others help.</li>" in html
    assert (
        "looks at 30 scores" in html
        and "of its 60 intervals 7 leave out 0" in html
        and "lets 3 do so" in html
    )
    assert "a direction, not a finding" in html and "p is corrected for 6 comparisons." in html
    assert "replicates, sd" in html and "0.030" in html and "75 %" in html
    assert "<details open>" in html
    wide = together(certainty([comparison(low=-3.826, high=3.971)], components, answer(comparison())))
    assert ">−1.000<" in wide and ">+1.000<" in wide and "3.826" not in wide  # as two IoU can lie apart
    many = together(certainty([comparison()] * 9, components * 9, answer(comparison())))
    assert "<details><summary>Each comparison in a sentence" in many


def test_several_targets_stand_side_by_side_with_links_to_their_reports():
    rows = [comparison()]
    harms = [comparison(verdict="harms", difference=-0.05)]
    both = [comparison(verdict="no effect", difference=0.01)]
    targets = {"a&b": (rows, answer(*rows), MEANS), "c": (harms, answer(*harms), MEANS)}
    page = overview(targets, (both, answer(*both)), structure="mitochondria")
    parser = parsed(page)
    assert [link for link in parser.links if link.endswith("html")] == ["a&b/index.html", "c/index.html"]
    assert "<strong>Synthetic data helps</strong>" in page and "<strong>Synthetic data harms</strong>" in page
    together = page.index("<strong>Synthetic data makes no difference that matters</strong>")
    assert page.index("<h2>All as one") < together < page.index("a&amp;b/index.html")


def test_of_several_targets_with_one_arm_each_shows_its_score():
    better = [MEANS[0] | {"mean": 0.91}]
    page = overview({"a": ([], answer(), MEANS), "b": ([], answer(), better)}, ([], answer()), structure="x")
    assert "<strong>IoU: 0.847 with 3 labelled slices</strong>" in page
    assert "<strong>IoU: 0.910 with 3 labelled slices</strong>" in page and "no score" not in page


def test_missing_numbers_are_said_in_words_with_the_reason():
    html = table(
        [{"arm": "real", "mean": 0.5, "low": None, "budget": None}, {"arm": "b", "low": float("nan")}]
    )
    assert html.count(">undefined<") == 3
    assert ">–<" in html
    assert "an interval needs two replicates with a defined score" in html
    assert "that of a difference two test slices, too" in html  # five replicates of one slice have none


def test_a_table_that_has_reasons_itself_gets_no_general_one():
    html = table([{"metric": "ap50", "mean": None, "reason": "no instance"}])
    assert "no instance" in html
    assert "Undefined:" not in html


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345, "0.123"),
        (-0.5, "−0.500"),
        (3, "3"),
        (0.0002, "0.0002"),
        (0.0, "0.000"),
        (312.25, "312.2"),
        (None, "undefined"),
    ],
)
def test_numbers_have_three_decimals(value, text):
    assert number_text(value) == text


def test_the_columns_of_the_tables_exist():
    html = table([comparison()], COLUMNS["comparison"], caption="Arms.")
    assert "undefined" not in html
    assert "+0.050" in html
    assert "<caption><span>Arms.</span></caption>" in html


def test_an_empty_table_is_none():
    assert table([]) == ""


def test_text_in_a_part_becomes_an_escaped_paragraph():
    assert "<p>a &lt; b</p>" in page("Title", [Part("Part", ["a < b"])])


def test_a_score_is_explained_at_its_column_and_below_the_table():
    html = table([{"IoU": 0.5, "arm": "real"}], terms={"IoU": "What is shared."}, links={"real": "#here"})
    assert '<th scope="col" class="n" title="What is shared.">IoU</th>' in html
    assert "<dfn>IoU</dfn></dt><dd>What is shared.</dd>" in html
    assert '<a href="#here">real</a>' in html


def test_every_template_escapes_and_none_names_an_address():
    for path in Path(TEMPLATES).iterdir():
        text = path.read_text()
        assert not re.search(r"[|] *safe|autoescape|https?:|url[(]|@import|<script", text), path


def test_facts_are_rows_of_name_and_value():
    html = facts({"inside_structure": None, "slices": 44})
    assert "undefined" in html
    assert '<td class="n">44</td>' in html


def test_the_report_does_not_import_matplotlib():
    library = LIBRARY
    code = "import sys, synthem.report.contents; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=library, check=True)


def test_a_small_video_is_in_the_page_and_shut_until_it_is_opened(tmp_path):
    path = tmp_path / "seed-0.png"
    path.write_bytes(pixel())
    part = video(path, "Slices.", title="real <1>")
    assert parsed(part).tags[:2] == ["details", "summary"] and "real &lt;1&gt;" in part
    assert "<details open" not in part and "data:image/" in part


def test_an_mp4_has_controls_and_the_policy_lets_it_play(tmp_path):
    path = tmp_path / "seed-0.mp4"
    path.write_bytes(b"film")
    part = video(path, "Slices.", title="real")
    assert '<video controls loop muted src="data:video/mp4;base64,ZmlsbQ==">' in part
    assert "media-src data:" in build_page({"videos": [part]}, title="A", first=box(comparison()))


def test_a_large_video_is_named_not_embedded(tmp_path, monkeypatch):
    monkeypatch.setattr("synthem.report.blocks.LARGEST_VIDEO", 3)
    path = tmp_path / "seed-0.mp4"
    path.write_bytes(b"film")
    part = video(path, "Slices.", title="real")
    assert str(path) in part and "data:" not in part


def test_warnings_of_the_data_check_stand_beside_what_was_found():
    row = {"volume": "brain", "part": "image", "found": "256 grey values", "warnings": ["2 blank slices"]}
    assert "256 grey values; WARNING: 2 blank slices" in check_table([row])

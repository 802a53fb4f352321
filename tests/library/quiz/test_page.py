"""The page of the blind study, played through with the keyboard in a real browser."""

import base64
import io
import json
import re
import time

import numpy as np
import pytest
from PIL import Image

from synthem.quiz.answers import read_answers
from synthem.quiz.page import build_quiz, encoded
from synthem.quiz.scoring import EVERYONE, score_quiz
from tests.shared.chromium import opened


def images(count=6, side=24):
    """The first half flat, the second noise: what could be packed to very different sizes."""
    chance = np.random.default_rng(0)
    flat = [np.full((side, side), 40 * n + 20, np.uint8) for n in range(count // 2)]
    return np.stack(flat + [chance.integers(0, 256, (side, side), np.uint8) for _ in range(count // 2)])


SOURCES = ["test slices", "painted", "test slices", "painted", "training slices", "painted"]


def truth(name):
    return {"quiz": name, "items": [{"source": source} for source in SOURCES]}


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="quiz">(.*?)</script>', page).group(1))


def test_neither_the_size_nor_the_bytes_of_an_image_tell_what_it_is():
    pictures = [encoded(image) for image in images()]
    assert len({len(picture) for picture in pictures}) == 1
    for picture in pictures:
        opened_image = Image.open(io.BytesIO(picture))
        opened_image.load()
        assert opened_image.info == {} and opened_image.mode == "L"
        assert re.findall(rb"IHDR|IDAT|IEND|tEXt|iTXt|tIME|pHYs|gAMA", picture) == [b"IHDR", b"IDAT", b"IEND"]


def test_grey_levels_reach_the_reader_untouched_and_in_order():
    shown = data_of(build_quiz(images())[1])["images"]
    arrived = [np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))) for one in shown]
    np.testing.assert_array_equal(arrived, images())


def test_colours_and_more_channels_than_a_screen_has_are_shown():
    coloured = np.zeros((2, 8, 8, 4), np.uint8)
    assert Image.open(io.BytesIO(encoded(coloured[0]))).mode == "RGB"
    assert Image.open(io.BytesIO(encoded(coloured[0, ..., :2]))).mode == "L"


def test_the_page_holds_images_and_nothing_else_about_them():
    name, page = build_quiz(images())
    assert data_of(page).keys() == {"quiz", "images"}
    assert "http" not in page.replace("http-equiv", "") and name in page
    policy = re.search(r'Security-Policy" content="([^"]+)"', page).group(1)
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_another_order_is_another_quiz():
    assert build_quiz(images())[0] == build_quiz(images())[0] != build_quiz(images()[::-1])[0]


def status(number):
    return f"document.getElementById('status').textContent === 'Image {number} of 6'"


def ready(browser):
    """Waits until the page takes a name: a browser moves the focus there a moment after it has loaded."""
    browser.wait_for("document.activeElement.id === 'person'")


def played(browser, keys):
    """Presses each key once the image that it is for is shown; "u" leads one back."""
    number = 1
    for key in keys:
        browser.wait_for(status(number) + " && listening")
        browser.press(key)
        number += -1 if key in ("u", "Backspace") else 1


@pytest.mark.parametrize("width", [1280, 400])
def test_the_keyboard_alone_leads_from_the_name_to_a_file_of_answers_that_can_be_scored(tmp_path, width):
    name, page = build_quiz(images())
    (tmp_path / "quiz.html").write_text(page)
    with opened(tmp_path / "quiz.html", tmp_path, width=width) as browser:
        ready(browser)
        browser.press("Enter")  # without a name nothing begins
        assert browser.evaluate("document.getElementById('asking').hidden")
        for person, is_valid in ((EVERYONE, False), ("Eve", True), ("../x", False), ("Jürgen", False)):
            typed = f"Object.assign(document.getElementById('person'), {{value: '{person}'}})"
            assert browser.evaluate(f"{typed}.checkValidity()") == is_valid, person
        assert "Letters A to Z" in browser.evaluate(
            "document.getElementById('person').title"
        )  # in the complaint
        browser.evaluate("document.getElementById('person').value = ''")
        for key in "surs":  # letters that are answers later on
            browser.press(key)
        browser.press("Enter")
        played(browser, ["r", "s", "ArrowRight", "u", "ArrowLeft", "ArrowRight", "s", "Backspace", "r", "r"])
        browser.wait_for("!document.getElementById('end').hidden")
        browser.press("u")  # the last answer can be taken back at the end, too
        played_again = status(6) + " && listening"
        browser.wait_for(played_again)
        shown = browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        image = browser.evaluate("document.getElementById('image').getBoundingClientRect().width")
        browser.press("r")
        browser.wait_for("document.activeElement.id === 'save'")
        browser.press("Enter")
        saved = tmp_path / "answers-surs.json"
        until = time.monotonic() + 60
        while not saved.exists() and time.monotonic() < until:
            browser.evaluate("1")
            time.sleep(0.05)
        assert "answers-surs.json" in browser.evaluate("document.getElementById('where').textContent")
        noise = browser.events("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        noise += browser.events("Audits.issueAdded")
        requests = [one["params"]["request"]["url"] for one in browser.events("Network.requestWillBeSent")]
    assert noise == []
    asked = {url.partition(":")[0] for url in requests}
    assert asked <= {"file", "data", "blob"} and sum(url.startswith("file:") for url in requests) == 1
    assert shown and image >= min(width - 40, 600)

    own = {"quiz": name, "items": truth(name)["items"]}
    (sheet,) = read_answers([saved], own, tmp_path / "truth.json")
    assert sheet.person == "surs"
    assert sheet.answers == ["real", "synthetic", "real", "synthetic", "real", "real"]
    assert len(sheet.seconds) == 6 and all(0 < one < 120 for one in sheet.seconds)
    accuracy = next(row for row in score_quiz([sheet], own) if row["score"] == "accuracy")
    assert accuracy["value"] == 5 / 6  # all but the last


def test_buttons_answer_and_a_key_held_down_is_one_answer(tmp_path):
    (tmp_path / "quiz.html").write_text(build_quiz(images())[1])
    with opened(tmp_path / "quiz.html", tmp_path) as browser:
        begin(browser)
        browser.call("Input.dispatchKeyEvent", type="keyDown", key="r", code="KeyR", windowsVirtualKeyCode=82)
        browser.wait_for(status(2) + " && listening")
        for _ in range(3):
            held = {"key": "r", "code": "KeyR", "windowsVirtualKeyCode": 82, "autoRepeat": True}
            browser.call("Input.dispatchKeyEvent", type="keyDown", **held)
        browser.wait_for(status(2) + " && listening")
        for button in ("real", "synthetic", "undo"):
            browser.wait_for("listening")
            click(browser, button)
        browser.wait_for(status(3) + " && listening")
        assert browser.evaluate("answers") == ["real", "real"]


def test_a_double_click_is_one_answer(tmp_path):
    (tmp_path / "quiz.html").write_text(build_quiz(images())[1])
    with opened(tmp_path / "quiz.html", tmp_path) as browser:
        begin(browser)
        # The second click in the moment in which the next image is there: no pause of this test decides.
        browser.evaluate(
            "new Promise((done) => { const button = document.getElementById('real'); button.click();"
            f" const wait = () => {status(2)} ? (button.click(), done()) : setTimeout(wait, 0); wait(); }})"
        )
        browser.wait_for("listening")
        assert browser.evaluate("answers") == ["real"]
        click(browser, "synthetic")
        browser.wait_for(status(3) + " && listening")
        assert browser.evaluate("answers") == ["real", "synthetic"]
        assert browser.evaluate("seconds[1] >= 0.2")


def test_pieces_have_the_shape_of_their_tissue(tmp_path):
    """Pixels twice as wide as high: a square of them is twice as wide as high; its PNG stays as it is."""
    name, page = build_quiz(images(), pixel_nm=(5, 10))
    assert (name, data_of(page)) == (build_quiz(images())[0], data_of(build_quiz(images())[1]))
    shapes = {}
    for words, text in (
        ("wide", page),
        ("high", build_quiz(images(), (10, 5))[1]),
        ("square", build_quiz(images())[1]),
    ):
        (tmp_path / f"{words}.html").write_text(text)
        with opened(tmp_path / f"{words}.html", tmp_path) as browser:
            begin(browser)
            box = "document.getElementById('image').getBoundingClientRect()"
            shapes[words] = browser.evaluate(f"{box}.width / {box}.height")
            seen = browser.evaluate(f"{box}.bottom <= window.innerHeight && {box}.height > 100")
            assert seen, words
    assert shapes == pytest.approx({"wide": 2, "high": 0.5, "square": 1}, rel=1e-3)


def begin(browser):
    """As the person `a`, up to the first image."""
    ready(browser)
    browser.press("a")
    browser.press("Enter")
    browser.wait_for(status(1) + " && listening")


def click(browser, button):
    x, y = browser.evaluate(
        f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
        f"(document.getElementById('{button}').getBoundingClientRect())"
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

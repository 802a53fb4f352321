"""The page of the blind study: one HTML file that opens offline, asks, and does not know the answers."""

import base64
import html
import io
import json
from hashlib import sha256

from PIL import Image

from synthem.quiz.script import SCRIPT

# Of a person: it becomes part of a file name, and stands in tables beside the mean of `scoring.EVERYONE`.
NAME = "(?!everyone$)[A-Za-z0-9][A-Za-z0-9._\\-]*"

CSS = """
:root { color-scheme: dark; --ink: #c9c9c9; --soft: #999; --line: #555; --paper: #161616;
  --wash: #262626; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
#start, #end { max-width: 38rem; margin: 0 auto; padding-top: 6vh; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
kbd { border: 1px solid var(--line); border-radius: .25rem; padding: 0 .35em; font: inherit;
  font-size: .9em; }
label { display: block; margin: 1.5rem 0 .3rem; }
button, input { font: inherit; color: var(--ink); background: var(--wash); border: 1px solid var(--line);
  border-radius: .5rem; padding: .6rem 1rem; min-height: 3rem; }
input { width: 100%; margin-bottom: 1rem; }
button { cursor: pointer; }
button:disabled { color: #6d6d6d; cursor: default; }
button:hover:enabled { background: #333; }
:focus-visible { outline: 3px solid #8ab4d8; outline-offset: 2px; }
#asking { display: flex; flex-direction: column; align-items: center; gap: .8rem; }
#image { width: min(100%, calc((100vh - 12rem) * var(--aspect))); aspect-ratio: var(--aspect);
  min-width: 12rem; background: #444; }
.answers { display: grid; grid-template-columns: 1fr auto 1fr; gap: .6rem; width: min(100%, 38rem); }
.bar { display: flex; align-items: center; gap: 1rem; width: min(100%, 38rem); color: var(--soft); }
.bar p { margin: 0; white-space: nowrap; font-variant-numeric: tabular-nums; }
progress { flex: 1; min-width: 0; height: .5rem; accent-color: #8a8a8a; }
@media (max-width: 30rem) {
  main { padding: .5rem; } button { padding: .6rem .4rem; } .answers kbd { display: none; }
}
"""


def encoded(image):
    """uint8 [Y, X] or [Y, X, C] -> PNG bytes, not compressed: their number says nothing of what they show."""
    if image.ndim == 3:
        image = image[..., :3] if image.shape[2] >= 3 else image[..., 0]
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def quiz_id(pictures):
    """A name for these pictures (PNG bytes) in this order: of another quiz it is another one."""
    return sha256(b"".join(sha256(picture).digest() for picture in pictures)).hexdigest()[:16]


def build_quiz(images, pixel_nm=(1, 1)):
    """Images uint8 [N, Y, X] or [N, Y, X, C] of pixels (y, x) -> (name of the quiz, page as text)."""
    pictures = [encoded(image) for image in images]
    name = quiz_id(pictures)
    data = {"quiz": name, "images": [base64.b64encode(picture).decode() for picture in pictures]}
    return name, document(json.dumps(data), len(pictures), _aspect(images.shape[1:3], pixel_nm))


def _aspect(shape, pixel_nm):
    """How many times as wide as high a piece is in the tissue: else round things would look long."""
    return shape[1] * pixel_nm[1] / (shape[0] * pixel_nm[0])


def document(data, count, aspect):
    """The whole page around its data (JSON); images are shown `aspect` times as wide as high."""
    style = f":root {{ --aspect: {aspect:g}; }}{CSS}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy(style)}">
<title>Real or synthetic?</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<form id="start">
<h1>Real or synthetic?</h1>
<p>You will see {count} pieces of microscope images, one at a time. Half of them show real tissue, half
were painted by a program. Say of each what you take it for. There is no limit of time and no way to know
whether you were right; go by your first impression where you cannot tell.</p>
<p>Left: real (<kbd>R</kbd> or <kbd>←</kbd>). Right: synthetic (<kbd>S</kbd> or <kbd>→</kbd>).
One step back: <kbd>U</kbd> or <kbd>Backspace</kbd>. Buttons below the image do the same.
Keep this page open until the answers are saved.</p>
<label for="person">Your name or initials (letters A to Z, digits, dots, hyphens, no spaces)</label>
<input id="person" required maxlength="40" pattern="{html.escape(NAME)}" autocomplete="off" spellcheck="false"
 title="Letters A to Z, digits, dots, hyphens, no spaces; but not `everyone`" autofocus>
<button>Start</button>
</form>
<section id="asking" aria-label="Real or synthetic?" hidden>
<img id="image" alt="">
<div class="answers">
<button id="real" type="button" aria-keyshortcuts="R ArrowLeft"><kbd aria-hidden="true">R</kbd> Real</button>
<button id="undo" type="button" aria-keyshortcuts="U Backspace">Undo</button>
<button id="synthetic" type="button" aria-keyshortcuts="S ArrowRight">Synthetic
<kbd aria-hidden="true">S</kbd></button>
</div>
<div class="bar"><p id="status" role="status"></p>
<progress id="progress" value="0" aria-label="Answered"></progress></div>
</section>
<section id="end" aria-label="The end" hidden>
<h1>Done</h1>
<p id="done"></p>
<p><button id="save" type="button">Save the answers</button>
<button id="back" type="button">Undo the last one</button></p>
<p id="where" role="status"></p>
</section>
<noscript><p>This page needs JavaScript: permit it for this file. It loads and sends nothing.</p></noscript>
</main>
<script type="application/json" id="quiz">{data}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def policy(style):
    """What the browser may do: run this script, use this style, show images of the page; nothing else."""
    script, style = (base64.b64encode(sha256(text.encode()).digest()).decode() for text in (SCRIPT, style))
    return (
        f"default-src 'none'; img-src data:; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        "base-uri 'none'; form-action 'none'"
    )

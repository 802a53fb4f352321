"""The page of a training that runs: its examples, and a curve for each of its losses."""

import math
import time
from html import escape

WIDTH, HEIGHT = 420, 120  # pixels of a curve
POINTS = 200  # of a curve at most: each is the mean of as many steps

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="20">
<title>Step {done} of {steps}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 72em; margin: 2em auto; padding: 0 1em; color: #222 }}
img {{ max-width: 100% }}
figure {{ display: inline-block; margin: 0 1.5em 1em 0 }}
svg {{ border: 1px solid #ccc; display: block }}
polyline {{ fill: none; stroke: #1f77b4; stroke-width: 1.5 }}
</style>
<h1>Step {done} of {steps}</h1>
<p>Written at {now}; the page reloads itself. It shows how a training goes, and nothing follows from it.</p>
<h2>The same examples at each look</h2>
<p>Rows from the top: {rows}.</p>
<img src="examples.png?{done}" alt="examples after step {done}">
<h2>Losses and scores over the steps</h2>
{curves}
</html>
"""


def live_page(rows, history, *, steps):
    """HTML. rows: what each row of examples.png is; history: a dict of floats for each step so far."""
    names = dict.fromkeys(name for row in history for name in row)
    curves = "\n".join(curve(name, points_of(name, history), steps) for name in names)
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    return PAGE.format(done=len(history), steps=steps, now=now, rows=escape(", ".join(rows)), curves=curves)


def points_of(name, history):
    """[(step, value)] of what a history has under a name: means of as many steps as leave POINTS at most."""
    found = [(step, row[name]) for step, row in enumerate(history, start=1) if row.get(name) is not None]
    found = [(step, value) for step, value in found if math.isfinite(value)]
    size = -(-len(found) // POINTS) or 1
    parts = [found[first : first + size] for first in range(0, len(found), size)]
    return [tuple(sum(column) / len(part) for column in zip(*part, strict=True)) for part in parts]


def curve(name, points, steps):
    """A figure of a curve, from its lowest value to its highest; the last value stands in its caption."""
    if not points:
        return ""
    low, high = min(value for _, value in points), max(value for _, value in points)
    scale = HEIGHT / (high - low) if high > low else 0
    places = " ".join(
        f"{WIDTH * step / steps:.1f},{HEIGHT - scale * (value - low):.1f}" for step, value in points
    )
    words = f"<b>{escape(name)}</b> {points[-1][1]:.4g} (shown from {low:.4g} to {high:.4g})"
    box = f'viewBox="0 -4 {WIDTH} {HEIGHT + 8}" width="{WIDTH}" height="{HEIGHT + 8}"'
    return f'<figure><svg {box}><polyline points="{places}"/></svg><figcaption>{words}</figcaption></figure>'

"""The verdict of a run in words, and how sure it is, as HTML."""

import html

from synthem.comparison.answers import TO_DO, subject
from synthem.metrics.definitions import NOT_TRAINED
from synthem.report.blocks import Html, as_html, badge, is_missing, number_text, percent, slug
from synthem.report.text import COVERED, DEPENDS, NO_COMPARISON, NO_INTERVAL, NOT_COVERED, OTHERS, VERDICTS

# Verdicts that contradict none, the one that got furthest first.
OPEN = ("undecided", "no answer", NOT_TRAINED)


def verdict_box(comparisons, unlearnt=(), *, question, confidence):
    """The answer in words: the headline and its numbers for the first arm, then a card per other comparison.

    `comparisons` are rows {arm, reference, fraction, reference_iou, arm_iou, difference, low, high,
    n_pairs, n_slices, verdict, reason}; `low` and `high` are None where there is no interval. `unlearnt` rows
    {fraction, reason}: where the reference has not learnt.
    """
    if not comparisons:
        symbol, words, meaning = NO_COMPARISON
        parts = [
            meaning,
            *(f"With {percent(row['fraction'])} of the labels, {row['reason']}." for row in unlearnt),
        ]
        return answer_box(symbol, "undecided", question, words, "".join(map(as_html, parts)))
    first = comparisons[0]["arm"]
    own = [row for row in comparisons if row["arm"] == first]
    symbol, tone, words, meaning = headline(own)
    lines = "".join(f"<li>{badge(row['verdict'])}<span>{line(row, confidence)}</span></li>" for row in own)
    versus = f"Arm {first} against {own[0]['reference']}. {meaning}"
    todo = "".join(as_html(TO_DO[verdict]) for verdict in TO_DO if verdict in {row["verdict"] for row in own})
    body = Html(f'{as_html(versus)}<ul class="lines">{lines}</ul>{todo}')
    cards = "".join(card(row, confidence) for row in comparisons if row["arm"] != first)
    others = f'<h3>{OTHERS}</h3><ul class="cards">{cards}</ul>' if cards else ""
    return Html(answer_box(symbol, tone, question, words, body) + others)


def headline(rows):
    """Symbol, tone, words and meaning for the rows of one arm, which differ in their label fraction.

    An open row neither confirms nor contradicts the others: the headline then names their fractions.
    """
    kinds = [[row for row in rows if row["verdict"] not in OPEN]]
    kinds += [[row for row in rows if row["verdict"] == verdict] for verdict in OPEN]
    decided = next(filter(None, kinds))
    if len({row["verdict"] for row in decided}) > 1:
        symbol, words, meaning = DEPENDS
        return symbol, "depends", words, meaning
    verdict = decided[0]["verdict"]
    symbol, words, meaning = VERDICTS[verdict]
    words = words.format(subject(rows).capitalize())
    if len(decided) < len(rows):
        words += " with " + ", ".join(percent(row["fraction"]) for row in decided) + " of the labels"
    return symbol, slug(verdict), words, meaning


def answer_box(symbol, tone, question, words, body=""):
    """The large box; `body` is Html, the rest is text."""
    kicker = f'<p class="kicker">{html.escape(question)}</p>' if question else ""
    answer = f'<span class="symbol" aria-hidden="true">{symbol}</span><strong>{html.escape(words)}</strong>'
    return Html(f'<div class="verdict {tone}">{kicker}<p class="answer">{answer}</p>{body}</div>')


def line(row, confidence):
    """One comparison in a line: labels, difference, interval, n; where there is no verdict, why."""
    if row["verdict"] in TO_DO:
        return f"with {percent(row['fraction'])} of the labels: {html.escape(row['reason'])}"
    difference = f"<strong>IoU {number_text(row['difference'], signed=True)}</strong>"
    return f"with {percent(row['fraction'])} of the labels: {difference} ({support(row, confidence)})"


def card(row, confidence):
    what = f"{row['arm']} against {row['reference']}, {percent(row['fraction'])} of the labels"
    number = f"IoU {number_text(row['difference'], signed=True)}"
    answer = f'<p class="number">{number}</p><p>{support(row, confidence)}</p>'
    if row["verdict"] in TO_DO:
        answer = as_html(row["reason"])
    head = f"<h4>{html.escape(what)}</h4>{badge(row['verdict'])}"
    return f'<li class="card {slug(row["verdict"])}">{head}{answer}</li>'


def support(row, confidence):
    """What a difference rests on, in words."""
    interval = NO_INTERVAL
    if not is_missing(row["low"]) and not is_missing(row["high"]):
        ends = [number_text(row[end], signed=True) for end in ("low", "high")]
        interval = f"{percent(confidence)} interval {ends[0]} to {ends[1]}"
    means = f"{number_text(row['arm_iou'])} against {number_text(row['reference_iou'])}"
    n = f"{count(row['n_pairs'], 'pair')} of networks, {count(row['n_slices'], 'test slice')}"
    return f"{interval}; {means}; n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n}"


def count(n, thing):
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def certainty(comparisons, *, confidence, smallest_effect):
    """What the interval covers and what it does not, with the numbers of this run."""
    covered, missing = (
        "".join(f"<li>{html.escape(text)}</li>" for text in texts) for texts in (COVERED, NOT_COVERED)
    )
    lists = (
        f'<div class="two"><div><h3>The interval covers</h3><ul>{covered}</ul></div>'
        f"<div><h3>It does not cover</h3><ul>{missing}</ul></div></div>"
    )
    words = [
        f"Intervals hold with {percent(confidence)} confidence, each by itself: of many comparisons, some "
        f"miss by chance. A difference within ±{smallest_effect:g} counts as no effect (comparison: "
        "smallest_effect in the configuration)."
    ]
    least = [row["smallest_possible_p"] for row in comparisons if not is_missing(row["smallest_possible_p"])]
    if least and max(least) > 1 - confidence:
        words.append(
            f"With so few pairs no test can give a p below {number_text(max(least))}, however large the "
            "difference: read the interval, not p. More seeds would change that."
        )
    return Html(lists + "<h3>In this run</h3>" + "".join(as_html(text) for text in words))

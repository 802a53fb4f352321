"""The verdict of a study in words, and how sure it is, as HTML."""

import html
import re

from synthem.comparison.answers import ENDPOINTS, NO_ANSWER, budgets_text, remedy
from synthem.report.blocks import (
    Html,
    as_html,
    badge,
    folded,
    is_missing,
    number_text,
    percent,
    slug,
    table,
)
from synthem.report.text import (
    CAPTIONS,
    COVERED,
    DEPENDS,
    MATRIX,
    NO_COMPARISON,
    NO_INTERVAL,
    NOT_COVERED,
    OPEN_STILL,
    VERDICTS,
)
from synthem.storage.naming import labels_text

# Verdicts that contradict none, the one that got furthest first.
OPEN = ("undecided", "exploratory", NO_ANSWER)
FEW = 6  # sentences or rows that stand open on the page


def verdict_box(comparisons, answer, *, question):
    """The answer in words, from the arms that the question is about, then every arm and budget in a table.

    comparisons: rows of comparison.csv; answer: of verdict.json.
    """
    symbol, tone, words, meaning = headline_of(comparisons, answer)
    if not comparisons:
        lacking = (
            f"With {labels_text(row['budget'], row['labelled_slices'])}, {row['reason']}."
            for row in answer["unlearnt"]
        )
        return answer_box(symbol, tone, question, words, "".join(map(as_html, [meaning, *lacking])))
    own = [row for row in comparisons if row["arm"] in answer["asked"]]
    parts = [meaning, *still_open(own), *without_answer(own)]
    box = answer_box(symbol, tone, question, words, Html("".join(map(as_html, parts))))
    return Html(box + verdict_matrix(comparisons, answer))


def headline_of(comparisons, answer):
    """`headline` for the arms that the question is about."""
    if not comparisons:
        symbol, words, meaning = NO_COMPARISON
        return symbol, "undecided", words, meaning
    own = [row for row in comparisons if row["arm"] in answer["asked"]]
    return headline(own, answer["subject"])


def headline(rows, subject):
    """Symbol, tone, words and meaning for rows that differ in arm and label budget.

    An open row neither confirms nor contradicts the others: the headline then says what it holds for.
    """
    kinds = [[row for row in rows if row["verdict"] not in OPEN]]
    kinds += [[row for row in rows if row["verdict"] == verdict] for verdict in OPEN]
    decided = next(filter(None, kinds))
    if len({row["verdict"] for row in decided}) > 1:
        symbol, words, meaning = DEPENDS
        return symbol, "depends", words, meaning
    verdict = decided[0]["verdict"]
    symbol, words, meaning = VERDICTS[verdict]
    words = words.format(subject[0].upper() + subject[1:])
    if len(decided) < len(rows):
        alone = len({row["arm"] for row in rows}) == 1
        words = f"{words} with {budgets_text(decided)}" if alone else f"{words}: {scope_of(decided)}"
    return symbol, slug(verdict), words, meaning


def still_open(rows):
    """How many comparisons are open, where others are not."""
    count = sum(row["verdict"] in OPEN for row in rows)
    if 0 < count < len(rows):
        yield OPEN_STILL.format(len(rows), count)


def without_answer(rows):
    """Why there is no answer, with which labels, and what to do."""
    reasons = {}
    for row in rows:
        if row["verdict"] == NO_ANSWER:
            reasons.setdefault(row["reason"], []).append(row)
    for reason, own in reasons.items():
        yield f"No answer with {budgets_text(own)}: {reason}. {remedy(reason)}"


def scope_of(rows):
    """What a verdict holds for: `mixed with 3 and 8 labelled slices; synthetic with 1 labelled slice`."""
    arms = dict.fromkeys(row["arm"] for row in rows)
    return "; ".join(f"{arm} with {budgets_text([row for row in rows if row['arm'] == arm])}" for arm in arms)


def answer_box(symbol, tone, question, words, body=""):
    """The large box; `body` is Html, the rest is text."""
    kicker = f'<p class="kicker">{html.escape(question)}</p>' if question else ""
    answer = f'<span class="symbol" aria-hidden="true">{symbol}</span><strong>{html.escape(words)}</strong>'
    return Html(f'<div class="verdict {tone}">{kicker}<p class="answer">{answer}</p>{body}</div>')


def verdict_matrix(comparisons, answer):
    """A table with a line per arm and a column per label budget: verdict, difference, interval."""
    budgets = {row["budget"]: labels_text(row["budget"], row["labelled_slices"]) for row in comparisons}
    cells = {(row["arm"], row["budget"]): verdict_cell(row) for row in comparisons}
    heads = "".join(f'<th scope="col">{html.escape(words)}</th>' for words in budgets.values())
    lines = ""
    for arm in dict.fromkeys(row["arm"] for row in comparisons):
        about = html.escape(answer["arms"][arm].replace("`", ""))
        lines += f'<tr><th scope="row">{html.escape(arm)}<span class="soft">{about}</span></th>'
        lines += "".join(f"<td>{cells.get((arm, budget), '–')}</td>" for budget in budgets) + "</tr>\n"
    reference, score = answer["reference"], ENDPOINTS[answer["endpoint"]]
    caption = html.escape(MATRIX.format(reference, score, percent(answer["confidence"])))
    head = f'<caption>{caption}</caption><thead><tr><th scope="col">arm</th>{heads}</tr></thead>'
    whole = f'<table class="matrix">{head}\n<tbody>{lines}</tbody></table>'
    return Html(f'<div class="sheet"><div class="scroll" tabindex="0">{whole}</div></div>')


def verdict_cell(row):
    """One comparison: its verdict, and the numbers where there is an answer."""
    if row["verdict"] == NO_ANSWER or is_missing(row["difference"]):
        return badge(row["verdict"])
    interval = NO_INTERVAL
    if not is_missing(row["low"]):
        interval = " to ".join(number_text(row[end], signed=True) for end in ("low", "high"))
    difference = f"<strong>{number_text(row['difference'], signed=True)}</strong>"
    replicates = f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{row['n_replicates']}"
    return (
        f'{badge(row["verdict"])}<span class="line">{difference} ({interval})</span>'
        f'<span class="soft">{replicates}</span>'
    )


def certainty(comparisons, components, answer):
    """What the interval covers and what it does not, with the numbers and sentences of this study."""
    covered, missing = (
        "".join(f"<li>{html.escape(text)}</li>" for text in texts) for texts in (COVERED, NOT_COVERED)
    )
    lists = (
        f'<div class="two"><div><h3>The interval covers</h3><ul>{covered}</ul></div>'
        f"<div><h3>It does not cover</h3><ul>{missing}</ul></div></div>"
    )
    sentences = sentence_list(answer["sentences"])
    parts = [Html(lists + "<h3>In this study</h3>"), *map(as_html, numbers(comparisons, answer))]
    if comparisons:
        parts.append(folded("Each comparison in a sentence", sentences, len(comparisons) <= FEW))
    if components:
        rows = component_lines(components)
        shown = table(rows, caption=CAPTIONS["components"])
        parts.append(folded("What the differences vary with", shown, len(rows) <= FEW))
    return parts


def sentence_list(sentences):
    """Sentences as a list; names in `...` look like names."""
    lines = (re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(sentence)) for sentence in sentences)
    return Html("<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>")


def numbers(comparisons, answer):
    """How intervals, p and the many scores are to be read, with the numbers of this study."""
    effect, looked = answer["smallest_effect"], answer["looked_at"]
    yield (
        f"Intervals hold with {percent(answer['confidence'])} confidence, each by itself; p is corrected for "
        f"{len(comparisons)} comparisons. A difference within ±{effect:g} counts as no effect (comparison: "
        f"smallest_effect in the configuration). The verdicts are about one score, named before the run: "
        f"{ENDPOINTS[answer['endpoint']]}."
    )
    chance = (1 - answer["confidence"]) * looked["intervals"]
    yield (
        f"differences.csv looks at {looked['scores']} scores in every arm and budget: of its "
        f"{looked['intervals']} intervals {looked['without_zero']} leave out 0, where chance alone lets "
        f"{chance:.0f} do so. What one of them shows is a direction, not a finding."
    )


def component_lines(components):
    """Rows of components.csv -> a line per arm and budget: standard deviations, shares of the variance."""
    lines = {}
    for row in components:
        line = lines.setdefault((row["arm"], row["budget"]), {"arm": row["arm"], "budget": row["budget"]})
        name = row["component"]
        line[f"{name}, sd"], line[f"{name}, share"] = row["sd"], f"{100 * row['share']:.0f} %"
    return list(lines.values())

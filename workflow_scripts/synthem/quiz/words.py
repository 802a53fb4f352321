"""What the blind study found, in sentences."""

from collections import Counter

from synthem.quiz.scoring import ALL, CHANCE, EVERYONE, GENERATED, REAL, painted_sources
from synthem.storage.naming import count_text, labels_text, run_of

NOT_COVERED = (
    "The intervals are about other such persons and other images of these slices and generators: they do not "
    "know of other tissue, of generators trained anew, nor of persons of another training. They hold where "
    "the number of persons was decided beforehand."
)


def sentences(rows, truth):
    """Rows of quiz.csv and the truth of the quiz -> sentences."""
    data_sets = painted_sources(truth)
    means = {(row["source"], row["score"]): row for row in rows if row["person"] == EVERYONE}
    own = [row for row in rows if row["person"] != EVERYONE]
    right = means[ALL, "accuracy"]
    images = next(row["n"] for row in own if row["score"] == "accuracy")
    said = [
        f"{count_text(right['n'], 'person')} looked at {images} images, half of them real. Of the answers, "
        f"{share(right)} were right; chance is {CHANCE:.0%}. "
        f"{_against_chance(right, own, data_sets)}"
    ]
    distance = means[ALL, "d_prime"]
    said.append(
        f"As a distance between the two kinds, in standard deviations of what people see (d'), that is "
        f"{distance['value']:z.2f}{interval(distance, 'z.2f')}: at 0 nobody is right but by chance, at 1 "
        "in 69%, at 4.6 in 99%."
    )
    real = means[REAL, "called_real"]
    for name in data_sets:
        row = means[name, "called_real"]
        said.append(
            f"Images of {name} ({_shown(name, truth)}) were taken for real in {share(row)}, real ones in "
            f"{share(real)}: of images that nobody can tell apart, both would be the same."
        )
    if len(data_sets) > 1:
        said.append(f"Of all generated images that was {share(means[GENERATED, 'called_real'])}.")
    return [*said, *([NOT_COVERED] if right["low"] is not None else [])]


def _against_chance(row, own, data_sets):
    generated = "the generated images"
    if len(data_sets) > 1:  # of two, one may be as good as real
        generated += f" of {', '.join(data_sets)} together"
    if row["n"] == 1:
        one = next(one for one in own if one["score"] == "accuracy")
        return (
            f"For that person's answers alone the interval is {one['low']:.0%} to {one['high']:.0%}: what "
            "others would say, one person cannot show. Ask at least five."
        )
    if row["low"] is None:
        return "One image of a kind says nothing of others: show more (quiz.per_source)."
    if row["low"] > CHANCE:
        return f"That is more than chance: {generated} can be told from real ones."
    if row["high"] < CHANCE:
        return f"That is less than chance: {generated} look more real than the real ones."
    return (
        "That cannot be told from chance. It does not prove that nobody can tell them apart: "
        f"up to {row['high']:.0%} would fit, too."
    )


def _shown(name, truth):
    """Whose images were shown: generators of all label budgets are asked about together."""
    budgets = Counter(run_of(item["path"]).budget for item in truth["items"] if item["source"] == name)
    in_order = sorted(budgets, key=lambda budget: (budget == "all", len(budget), budget))
    return ", ".join(f"{budgets[budget]} with {labels_text(budget)}" for budget in in_order)


def share(row):
    """`62% (48% to 76%)`, without an interval where there is none."""
    return f"{row['value']:.0%}{interval(row, '.0%')}"


def interval(row, form):
    return "" if row["low"] is None else f" ({row['low']:{form}} to {row['high']:{form}})"

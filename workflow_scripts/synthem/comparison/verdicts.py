"""From an estimate to a p of each claim, and from all of one family to words."""

from scipy import special

from synthem.comparison.designs import FEWEST, LEAST_EFFECTIVE
from synthem.comparison.looks import adjusted, level
from synthem.comparison.p_values import p_text
from synthem.storage.naming import count_text

MOST_REJECTED = 0.25  # of an arm's replicates may lack networks, as their synthetic data was not good enough


def interval(estimate, *, confidence, look):
    """(low, high) of the difference, for other replicates and other slices.

    The intervals of all looks of a study, from the planned number of replicates on, hold the true difference
    together in `confidence` of studies; so the one at the planned number is a little wider than Student's of
    `confidence`. look: {replicates, planned} of `looks.level`.
    """
    tail = level(1 - confidence, **look) / 2
    half = -float(special.stdtrit(estimate.df, tail) * estimate.variance**0.5)
    return estimate.difference - half, estimate.difference + half


def p_difference(estimate, look):
    """Two-sided p of "the arm is as good as the reference", valid at every look."""
    return adjusted(2 * _tail(estimate, -abs(estimate.difference)), **look)


def p_equivalence(estimate, smallest_effect, look):
    """p of "the arm differs by smallest_effect or more" (two one-sided tests, TOST), valid at every look."""
    tail = _tail(estimate, abs(estimate.difference) - smallest_effect)
    return adjusted(min(1.0, 2 * tail), **look) / 2 if tail < 0.5 else tail


def better(estimate, sign):
    """Probability that the arm beats the reference in one new replicate, tested on as many new slices.

    Student's t of the estimate, with the variance of the mean and that of a single replicate on new blocks.
    """
    own = estimate.components
    single = own.replicates + own.seeds / estimate.seeds + (own.blocks + own.rest) / estimate.blocks
    spread = (estimate.variance + single) ** 0.5
    return float(special.stdtr(estimate.df, sign * estimate.difference / spread)) if spread else 0.5


def holm(ps):
    """p of each of a family of claims, so that any of them is false as rarely as one alone (Holm 1979)."""
    order = sorted(range(len(ps)), key=ps.__getitem__)
    adjusted_ps, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, ps[place] * (len(ps) - rank)))
        adjusted_ps[place] = highest
    return adjusted_ps


def judge(row, *, sign, look, anew):
    """(verdict, reason) of a row of COMPARISON_COLUMNS with everything but these two.

    anew: replicates that a new study would need, which plans them from the start; None: more than 200.
    The first that fits: exploratory, no effect (even if the interval leaves out 0), helps or harms,
    undecided.
    """
    few = _too_few(row, look)
    if few:
        return "exploratory", few
    error, effect = 1 - row["confidence"], row["smallest_effect"]
    if row["p_equivalence"] <= error:
        return (
            "no effect",
            f"a difference of {effect:g} or more is ruled out (p {p_text(row['p_equivalence'])})",
        )
    if row["p_adjusted"] <= error:
        helps = sign * row["difference"] > 0
        return (
            "helps" if helps else "harms",
            f"a difference of 0 is ruled out (p {p_text(row['p_adjusted'])})",
        )
    decides = _what_decides(row["needed_replicates"], anew, effect)
    return "undecided", (
        f"neither a difference of 0 (p {p_text(row['p_adjusted'])}) nor one of {effect:g} "
        f"(p {p_text(row['p_equivalence'])}) is ruled out; {decides}"
    )


def _what_decides(needed, anew, effect):
    if not needed and not anew:
        return f"no number of replicates up to 200 would find {effect:g}: more test slices might"
    ways = [f"{needed} replicates in all"] if needed else []
    ways += [f"{anew} replicates in a new study that plans them"] if anew else []
    return (
        f"{', or '.join(ways)}, would find a true difference of {effect:g} in about 80 of 100 studies whose "
        "scores differ by chance as they do here"
    )


def control_failure(kind, row):
    """Why a control says that the study cannot be believed; "" where it does not.

    copies: the real pairs again, which must not differ; mismatched: images with other masks, which must not
    help.
    """
    if kind == "copies" and row["verdict"] in ("helps", "harms"):
        return f"the control {row['arm']}, real pairs again, {row['verdict']} by {row['difference']:+.3f}"
    if kind == "mismatched" and row["verdict"] == "helps":
        return f"the control {row['arm']}, images with the masks of others, helps by {row['difference']:+.3f}"
    return ""


def _tail(estimate, distance):
    """Student's probability of an estimate as far below as `distance`."""
    if not estimate.variance:
        return 0.5 if not distance else float(distance > 0)
    return float(special.stdtr(estimate.df, distance / estimate.variance**0.5))


def _too_few(row, look):
    if row["low"] is None:
        return (
            "no interval: fewer than two replicates or test slices in both arms, or a score that is undefined"
        )
    if row["n_replicates"] < FEWEST:
        return f"{count_text(row['n_replicates'], 'replicate')}, of which at least {FEWEST} make a verdict"
    if row["n_blocks"] < FEWEST:
        blocks = count_text(row["n_blocks"], "block")
        return f"{blocks} of test slices, of which at least {FEWEST} make a verdict"
    if row["effective_blocks"] < LEAST_EFFECTIVE:
        return (
            "the structure lies in so few test slices that they say as much as "
            f"{row['effective_blocks']:.1f} blocks of equal size, of which at least {LEAST_EFFECTIVE} make a "
            "verdict"
        )
    if look["replicates"] < look["planned"]:
        return (
            f"{look['replicates']} of {look['planned']} planned replicates: the last of them brings a verdict"
        )
    return ""

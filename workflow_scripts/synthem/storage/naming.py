"""Which run a file belongs to, from its path; and runs in the words of a reader."""

import re
from typing import NamedTuple

REAL = "real"  # among data sets: the labelled slices
BASE = "base"  # among variants: the config itself
NUMBERED = re.compile(
    r".*/([^/]+)/([^/]+)/budget-([0-9]+|all)(?:/replicate-([0-9]+))?(?:/seed-([0-9]+))?(?![0-9])"
)


class Run(NamedTuple):
    """Where a file stands: below `{volume}/{name}/budget-{budget}/replicate-{replicate}/seed-{seed}`."""

    volume: str
    name: str  # of the arm, the data set or the variant
    budget: str
    replicate: int | None = None
    seed: int | None = None


def run_of(path):
    """`.../unets/v/mixed/budget-3/replicate-1/seed-2/history.csv` -> Run(v, mixed, 3, 1, 2)."""
    volume, name, budget, *numbers = NUMBERED.search(str(path)).groups()
    return Run(volume, name, budget, *(number and int(number) for number in numbers))


def labels_text(budget, labelled_slices=None):
    """A label budget in words: `1 labelled slice`, `all 22 labelled slices`."""
    if str(budget) == "all":
        return f"all {labelled_slices} labelled slices" if labelled_slices else "all labelled slices"
    return count_text(int(budget), "labelled slice")


def slices_text(budget):
    """A label budget in short: `1 slice`, `4 slices`, `all slices`."""
    return "all slices" if str(budget) == "all" else count_text(int(budget), "slice")


def count_text(number, noun):
    """`1 replicate`, `3 replicates`."""
    return f"{number:.12g} {noun}{'' if number == 1 else 's'}"


def percent(fraction):
    """`95 %`, `12.5 %` of 0.95 and 0.125."""
    return f"{100 * fraction:.3g} %"


def three_digits(value):
    """10200, 42.5, 0.0123, as people write sizes; only numbers below 0.0001 have an exponent."""
    return f"{float(f'{value:.3g}'):.12g}"


def two_digits(value):
    """120, 42, 3.5, 0.012: as exact as an estimate is."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"

"""Which labelled slices a run may use: a budget of them, drawn anew by each replicate.

A draw is a pure function of its arguments, by hashes alone: it is the same on every machine and with every
version of numpy, and no file has to carry it.
"""

from fractions import Fraction
from typing import NamedTuple

from synthem.errors import SynthemError
from synthem.seeds import derived_seed
from synthem.storage.splits import ALL, held_out_of, ranges_within, slice_numbers
from synthem.storage.volumes import read_blocks


class Draw(NamedTuple):
    """The labelled slices of a run, as ranges of slices of the volume."""

    train: tuple  # what learns may see these labels
    validation: tuple  # only to tune thresholds and to choose weights; () where the budget is too small

    @property
    def labelled(self):
        """All of them, in the order of z."""
        return tuple(sorted(self.train + self.validation))

    @property
    def count(self):
        """How many slices somebody had to label."""
        return len(slice_numbers(self.labelled))


def draw_slices(blocks, *, budget, replicate, strategy, validation):
    """The Draw of a replicate from the train block of a volume (blocks: as of `read_blocks`).

    budget: a number of slices, validation included, or "all"; as text, too, as wildcards have it. strategy:
    a word of STRATEGIES. validation: the share of the budget's slices, rounded down, that nothing learns
    from. They are neighbours among the chosen ones, from an offset that the replicate draws.
    """
    train = blocks["train"]
    numbers = slice_numbers(train)
    count = budget_size(budget, numbers)
    chosen = STRATEGIES[strategy](numbers, count, replicate)
    held_out = held_out_of(count, validation)
    first = int(_chance(replicate, "validation") * (count - held_out + 1))
    apart = chosen[first : first + held_out]
    learnt = chosen[:first] + chosen[first + held_out :]
    return Draw(ranges_within(train, learnt), ranges_within(train, apart))


def draw_of(path, *, budget, replicate, strategy, validation):
    """`draw_slices` from the volume at a path."""
    settings = {"budget": budget, "replicate": replicate, "strategy": strategy, "validation": validation}
    return draw_slices(read_blocks(path), **settings)


def budget_size(budget, numbers):
    """How many slices a budget is, where these are labelled; an error where there are too few."""
    count = len(numbers) if budget == ALL else int(budget)
    if not 0 < count <= len(numbers):
        raise SynthemError(
            "DATA_SPLIT",
            "labels.budgets",
            f"a budget of {budget} labelled slices, the train block has {len(numbers)}",
            expected=f"from 1 to {len(numbers)}, or `{ALL}`",
            fix="lower the budget, split.test or split.gap_nm, or label more slices",
        )
    return count


def first_slices(numbers, count, replicate):
    """The first ones: where one would begin without thinking."""
    return numbers[:count]


def evenly_spread_slices(numbers, count, replicate):
    """Evenly over all, from a place in the first interval that the replicate draws, alike for all budgets."""
    phase, step = _chance(replicate, "spread"), Fraction(len(numbers), count)
    return [numbers[int((place + phase) * step)] for place in range(count)]


def random_slices(numbers, count, replicate):
    """Slices by chance; those of a larger budget are the same ones and more."""
    drawn = sorted(numbers, key=lambda z: derived_seed(replicate, "labels", "random", z))
    return sorted(drawn[:count])


STRATEGIES = {"spread": evenly_spread_slices, "random": random_slices, "first": first_slices}


def _chance(replicate, purpose):
    """A number in [0, 1), exact, that depends on the replicate and on what it is for."""
    return Fraction(derived_seed(replicate, "labels", purpose), 2**63)

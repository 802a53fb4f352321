"""Progressive growing (Karras 2018): images begin small and double their side again and again.

Everything here is a function of the step, so that a training that was killed needs to remember nothing of it.
"""

from typing import NamedTuple


class Growth(NamedTuple):
    """Sides, each twice the one before. The first is learnt for `stable_steps`; each other one fades in for
    `fade_steps` and is then learnt for `stable_steps`, the last until the training ends.
    """

    sides: list
    fade_steps: int
    stable_steps: int

    def at(self, step):
        """Side of the images in this step (from 0), and how far it has faded in: 1 is wholly."""
        if len(self.sides) == 1:
            return self.sides[0], 1.0
        # The first side does not fade in: as if its fading had been over when the training began.
        number, within = divmod(step + self.fade_steps, self.fade_steps + self.stable_steps)
        last = len(self.sides) - 1
        if number > last:
            return self.sides[last], 1.0
        if number == 0:
            return self.sides[0], 1.0
        return self.sides[number], min(1.0, (within + 1) / (self.fade_steps + 1))


def growth(*, size, first_side, fade_steps, stable_steps):
    """How images grow up to `size` from `first_side`, a power of two times smaller; 0: they do not grow."""
    sides = [size]
    while first_side and sides[0] > first_side:
        sides.insert(0, sides[0] // 2)
    return Growth(sides, fade_steps, stable_steps)


def steps_to_full_size(growth):
    """The steps after which the last side has wholly faded in."""
    return (len(growth.sides) - 1) * (growth.fade_steps + growth.stable_steps)


def schedule_in_words(growth):
    period = growth.fade_steps + growth.stable_steps
    starts = [max(0, number * period - growth.fade_steps) for number in range(len(growth.sides))]
    return "images of " + ", ".join(
        f"{side} pixels from step {start} on" for side, start in zip(growth.sides, starts, strict=True)
    )

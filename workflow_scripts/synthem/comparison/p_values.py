"""p in words."""

import math

SMALL = 1e-6  # below, a p is written as what it is smaller than
LEAST = -8  # the power of ten below which nobody knows p: `looks` ends at 1e-9, and Holm multiplies that


def p_text(p):
    """`= 0.012`; `< 1e-7`, and never less than `< 1e-8`, of what is below SMALL."""
    if p >= SMALL:
        return f"= {p:.2g}"
    power = math.ceil(math.log10(p) - 1e-9) if p > 0 else LEAST  # 1e-9 is of rounding: 1.0000001e-8 is 1e-8
    return f"< 1e{max(power, LEAST)}"

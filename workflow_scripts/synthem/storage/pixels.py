"""Whether pixels are square: only then may slices be turned by 90 degrees."""

SQUARE = 1.05  # the longer side by the shorter one, at most: sizes are measured no better


def are_square(pixel_nm):
    """Whether pixels of these sides (y, x) are as good as square."""
    return max(pixel_nm) <= SQUARE * min(pixel_nm)


def turn_of(pixel_nm, wanted="auto"):
    """How patches of such pixels are turned, as a word of `augment.turn`: True is by 90 degrees, too.

    wanted: such a word, or `auto` for all that the pixels allow.
    """
    if wanted != "auto":
        return wanted
    return True if are_square(pixel_nm) else "flips"

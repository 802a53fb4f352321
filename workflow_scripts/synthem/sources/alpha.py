"""Masks that lie in an alpha channel: one colour everywhere, transparent where there is nothing."""

from synthem.errors import SynthemError
from synthem.sources.opening import open_stack


def refuse_mask_in_alpha(stack):
    """An error where a mask (of `open_mask`) of one value comes from a file whose alpha channel varies."""
    if stack.coloured and _alpha_varies(stack):
        raise SynthemError(
            "DATA_FORMAT",
            stack.source,
            "one colour everywhere, and an alpha channel that varies",
            expected="a mask in grey levels",
            fix="save the alpha channel as an image of its own, in grey",
        )


def _alpha_varies(stack):
    with open_stack(stack.source, tiles=stack.shapes is not None, gaps=stack.gaps) as whole:
        if whole.shape[3] not in (2, 4):
            return False
        ends = [(planes[..., -1].min(), planes[..., -1].max()) for _, planes in whole.slabs()]
    return len({end for pair in ends for end in pair}) > 1

"""Whether the pictures of a folder are tiles, each of a place of its own, and not the slices of a stack."""

from collections import Counter

from synthem.proposals import questions
from synthem.proposals.questions import answered
from synthem.sources.opening import open_stack

LOOKED_AT = 3  # pictures, for their colours
ONE_SIZE = 0.9  # of the pictures have it: the others are rather strays in a stack


def are_tiles(source, given):
    """Whether an image source is of tiles: as `given` (yes or no), or as sizes and colours of its files tell.

    Pictures of several sizes are no stack; a few that differ from all others are rather a fault in one. Those
    in colour are photographs, of which few are of serial sections: where somebody can answer, that is asked.
    Grey pictures of one size are taken for a stack.
    """
    if given:
        return questions.yes_or_no("TILES", given)
    with open_stack(source, tiles=True, light=True) as image:
        if image.names is None or len(image.names) < 2:
            return False
        if max(Counter(image.shapes).values()) < ONE_SIZE * len(image.shapes):
            return True
        if not is_coloured(image):
            return False
    question = f"{source} has pictures in colour. Is each of a place of its own (yes, or Enter), or no?"
    answer = answered("TILES", "", questions.yes_or_no, question)
    return True if answer is None else answer


def is_coloured(image):
    """Whether pictures have colours, and not three times the same grey; seen in a few of them."""
    if len(image.shape) != 4 or image.shape[3] < 3:
        return False
    step = max(1, image.shape[0] // LOOKED_AT)
    pictures = (image.read(z, z + 1)[..., :3] for z in range(0, image.shape[0], step))
    return any((picture != picture[..., :1]).any() for picture in pictures)


def side_by_side(planes):
    """The upper left of each tile {slice: (image, mask)}, as large as the smallest of them."""
    height, width = (min(mask.shape[axis] for _, mask in planes.values()) for axis in (0, 1))
    return {z: (image[:height, :width], mask[:height, :width]) for z, (image, mask) in planes.items()}

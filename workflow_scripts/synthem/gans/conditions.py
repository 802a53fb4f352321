"""What a generator is given: the words of `gans.conditions`, their names in files, and its channels.

Snakemake imports this at each start: no numpy.
"""

STRUCTURE = "structure"  # the word for the structure of the run
MEMBRANE = "membrane"  # the one mask that a network may find, where the target has none
STRUCTURE_MAPS = {f"structure:{method}": method for method in ("otsu", "fixed", "adaptive", "canny")}
BACKGROUND = "background"  # the channel of pixels in no mask, where masks are one-hot


def is_map(word):
    """Whether a word of the config means a structure map: no name of a mask has a colon."""
    return ":" in word


def names_of(words, structure):
    """The words of the config -> names of arrays, in their order: `structure:otsu` -> `structure-otsu`.

    Names become folders, and a colon is none for Windows.
    """
    return [structure if word == STRUCTURE else word.replace(":", "-") for word in words]


def map_method(name):
    """How the structure map of this name is made, or None for a mask: `structure-otsu` -> `otsu`."""
    return {names_of([word], "")[0]: method for word, method in STRUCTURE_MAPS.items()}.get(name)


def seen_masks(masks, *, one_hot):
    """Masks {name: uint8 {0, 1} [z, y, x]} as a generator is given them, in their order.

    one_hot: as classes of which each pixel has one, `background` or the first mask that it lies in.
    """
    if not one_hot:
        return masks
    first = next(iter(masks.values()))
    free = (first == first).astype(first.dtype)  # 1 everywhere
    classes = {}
    for name, mask in masks.items():
        classes[name] = free & (mask != 0)
        free = free & ~classes[name]
    return {BACKGROUND: free} | classes


def channels_of(words, *, one_hot):
    """The channels of a generator by name, from the words of the config."""
    return [BACKGROUND, *words] if one_hot else list(words)

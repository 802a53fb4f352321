"""Kinds of data sets that arms can learn from -> what the config says of each, and what makes it.

The one list of them: what is wrong with an entry, which arms are the same, the plan and the rules ask it. How
they are told stands in comparison.arms; each rule below has a script of its name.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """A way to come to images with masks beside the labelled slices."""

    keys: tuple = ()  # of an entry of `data_sets`, beside `kind`
    settings: tuple = ()  # sections of the config, or keys in them, that change what is made
    rules: tuple = ()  # of each of them one job makes it, for each draw of labels
    of_slices: bool = False  # made of the labelled slices, without a generator: shown beside them


DATA_SETS = {
    "gan": Kind(
        ("variant",),
        ("gans", "mask_generator", "synthesis", "labels.strategy", "inference.tile", "inference.halo"),
        ("make_masks", "generate_volume", "filter_volume"),
    ),
    "copy_paste": Kind(
        ("variant",), ("synthesis.masks.slices", "labels.strategy"), ("paste_objects",), of_slices=True
    ),
    # Real slices are bent as `synthesis.masks.bent` says, whatever kind new masks are of.
    "bent": Kind(
        ("variant",),
        ("synthesis.masks.slices", "synthesis.masks.bent", "labels.strategy"),
        ("bend_pairs",),
        of_slices=True,
    ),
    "copies": Kind((), ("labels.strategy",), ("copy_pairs",), of_slices=True),
    "mismatched": Kind(("of",), (), ("mismatch_pairs",)),
    "volume": Kind(("volume",)),
}
PREDICTED = ("membranes", "inference")  # of a painted set, too, where its membranes are predicted
OF_SLICES = [name for name, kind in DATA_SETS.items() if kind.of_slices]


def read_by(name):
    """The sections of a variant that data sets of a kind look at."""
    predicted = PREDICTED if name == "gan" else ()
    return tuple(key.split(".")[0] for key in (*DATA_SETS[name].settings, *predicted))

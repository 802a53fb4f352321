"""Which slices of a stack without labels are worth labelling next: those that networks are least sure of."""

import numpy as np

from synthem.storage.arrays import as_probability
from synthem.storage.tables import read_table
from synthem.storage.volumes import open_volume

MOST = 10  # slices that are named
EVERY = 5  # at most one of so many slices is named
COLUMNS = ("rank", "slice", "doubt", "measure")
DISAGREEMENT, ENTROPY = "variance between networks", "entropy"


def doubt_of_slice(probability, disagreement=None):
    """The mean doubt about the voxels of a slice, from stored uint8 planes.

    Of several networks the variance of their probabilities (`disagreement` is twice the standard deviation),
    of a single one the binary entropy of its probability, in bits.
    """
    if disagreement is not None:
        return float(np.mean((as_probability(disagreement) / 2) ** 2, dtype=np.float64))
    return float(np.mean(_ENTROPIES[probability], dtype=np.float64))


def slice_doubts(predicted, tiles=()):
    """`doubt_of_slice` of every slice of a predicted stack (StoredArrays).

    tiles: (y, x) of each slice, where the rest of it is a mirror image, of which nothing counts.
    """
    spread = predicted["disagreement"] if "disagreement" in predicted else None
    probability = predicted["test"]
    sizes = tiles or (probability.shape[1:3],) * probability.shape[0]
    return [
        doubt_of_slice(probability[z][:y, :x], None if spread is None else spread[z][:y, :x])
        for z, (y, x) in enumerate(sizes)
    ]


def blank_slices(image):
    """The slices of a stored stack that have one grey value alone: lost sections, which teach nothing."""
    return [z for z in range(image.shape[0]) if image[z].min() == image[z].max()]


def labelled_slices(path, structure, stack, depth):
    """The slices of one of a volume's stacks, of so many, in which anything of the structure is known.

    stack: `image`, the main one, or `validation` or `test`, which lie behind it in this order.
    """
    with open_volume(path) as volume:
        if structure not in volume.names("ignore"):
            return list(range(depth))
        starts = [first for first, _ in volume.facts.own_stacks]
        first = {"image": 0, "validation": min(starts, default=0), "test": max(starts, default=0)}[stack]
        slices = range(depth)
        return [z for z in slices if not volume.read(f"ignore/{structure}", first + z, first + z + 1).all()]


def measure_of(predicted):
    return DISAGREEMENT if "disagreement" in predicted else ENTROPY


def label_next(doubts, *, measure, linked=True, without=(), labelled=(), most=MOST):
    """Doubts of all slices -> rows of COLUMNS: the most doubtful first, none near one that stands before it.

    Neighbouring slices are nearly the same picture, and a second one teaches little. Chosen ones lie at least
    half as far apart as so many slices would that are spread evenly; where they are not `linked`, but show
    places of their own, none has neighbours. without: slices that are not named, for
    they show nothing; where no others are left, they are. labelled: slices that have labels already; they are
    never named, so where all have them there are no rows.
    """
    left = set(range(len(doubts))) - set(labelled)
    most = min(most, max(1, len(doubts) // EVERY))
    apart, chosen = max(1, len(doubts) // (2 * most)) if linked else 1, []
    for z in sorted(left - set(without) or left, key=lambda z: (-doubts[z], z)):
        if len(chosen) < most and all(abs(z - other) >= apart for other in chosen):
            chosen.append(z)
    return [
        {"rank": rank, "slice": z, "doubt": doubts[z], "measure": measure}
        for rank, z in enumerate(chosen, start=1)
    ]


def read_label_next(path):
    """(rows of label_next.csv, why these slices, in a sentence)."""
    rows = read_table(path)
    return rows, WHY[rows[0]["measure"]] if rows else NONE_LEFT


_WHICH = (
    "Slices near one that is named already are left out: they teach the same (but tiles have no neighbours). "
    "Slices are numbered from 0; Fiji calls the first one 1."
)
WHY = {
    DISAGREEMENT: "Label these slices next: here the networks of several replicates disagree most, so "
    f"labels would change most what they say. {_WHICH}",
    ENTROPY: "Label these slices next: here the network is least sure of its voxels. Where a single "
    f"network is surely wrong, it does not show: `apply.replicates: all` asks several. {_WHICH}",
}


NONE_LEFT = "All slices of this stack have labels already: none is left to label."


def _entropy(p):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


_ENTROPIES = _entropy(np.arange(256) / 255).astype(np.float32)

"""Every sentence of the report that does not come from the data."""

from synthem.synthesis.acceptance import NOT_GOOD_ENOUGH

# key: (title, what the reader sees there), in the order of the page
PARTS = {
    "certainty": (
        "How sure can you be?",
        "An interval says how far a difference could move if the same experiment were done again. It knows "
        "nothing of what was never varied.",
    ),
    "checks": (
        "Data checks",
        "What was found in every input file. A problem here stops the run before any network is trained.",
    ),
    "volumes": (
        "The volumes",
        "The data as the workflow understood it: if a mask is shifted, mirrored or inverted here, it was so "
        "for the networks too.",
    ),
    "membranes": (
        "Membranes",
        "The image generator can paint on membranes beside the structure: they tell it where cells end.",
    ),
    "synthesis": (
        "Synthetic images",
        "New masks were made by bending and mirroring real training masks, and a network painted an image on "
        "each. Only masks of training slices were used.",
    ),
    "training": (
        "Training",
        "All losses level out, for the learning rate falls to nothing; a U-Net whose loss still fell steeply "
        "before needs more steps. A validation loss that rises shows slices learnt by heart. Losses of a GAN "
        "need not fall: generator and discriminator hold each other.",
    ),
    "learning_curve": (
        "Learning curve",
        "How good the segmentation gets with more labelled slices, and whether the arms differ more at the "
        "left, where labels are few.",
    ),
    "segmentations": (
        "Test slices, best and worst",
        "No network saw these slices in training. One average hides what goes wrong: look at the worst.",
    ),
    "videos": (
        "Through the test block",
        "The same networks, slice by slice: an error that comes and goes from slice to slice is noise, one "
        "that stays is a structure that the network does not know.",
    ),
    "methods": (
        "From probabilities to instances",
        "The same predictions, cut into instances in several ways, and how the thresholds of the membrane "
        "watershed matter.",
    ),
    "tables": (
        "Tables",
        "Scores of the whole test block, means over the networks that differ only in their random seed. An "
        "arrow says which way is better: up ↑ or down ↓.",
    ),
    "provenance": (
        "What ran",
        "The version of Synthem and those of its libraries, seeds, durations and settings: what another "
        "laboratory needs to repeat this page.",
    ),
}

# Whose membranes the generator painted on, by the words of config_needs.membranes_from.
MEMBRANES = {
    "source": "The target came without membranes. A network learnt them on {source} and predicted these, on "
    "which the generator painted.",
    "target": "The target came with membranes of its own, and the generator painted on these: no network had "
    "to predict any. They are drawn with the other masks of the target.",
    "none": "No generator of this run paints on membranes: none were predicted.",
}

CAPTIONS = {
    "volume": "A slice from the middle of each block. Labelled slices of the training block teach and set "
    "thresholds, the test block gives the scores on this page.",
    "membranes": "White in the second column is certain membrane. Where true membranes were withheld, the "
    "last column shows what the network found, missed and marked falsely.",
    "repainted": "Top: real slices that the generator learnt from. Middle: their masks. Bottom: what it "
    "paints on these masks: cells must lie where they lie above, textures need not.",
    "filtered": "Top: real slices, for comparison. Middle: new masks. Bottom: the images painted on them; "
    "the real slice above is not their model. A rejected image says what for, and how many times as far from "
    "the typical real one it is as 95 % of real pieces are. Curves: grey values of all real, kept and "
    "rejected images.",
    "pairs": "What networks learn from beside the labelled slices, without a generator: objects pasted into "
    "other slices, slices bent with their masks, or the same slices again. Below, the mask is outlined: it "
    "must lie on what is seen.",
    "stylegan": "Top: pieces of real training slices. Bottom: pieces that a network invented from random "
    "numbers alone, after it had seen such real ones (StyleGAN). It was never told where a cell ends or what "
    "lies in it, and nobody knows how its images should be segmented: they come without labels, and no "
    "network on this page has learnt from them. They show whether a network can catch the look of this "
    "tissue. Judge by eye: do membranes close, is the texture right, does the same picture come twice?",
    "training": "Thin: the loss of every step. Thick: its moving mean. Markers: validation loss.",
    "learning_curve": "Large marks: mean over seeds with its interval. Small marks: single seeds. Dashed: "
    "what one grey value reaches as a threshold, on the image as it is and on the smoothed image, without "
    "any network.",
    "differences": "Each line is one comparison with its interval. Wholly right of zero: it helps. Wholly "
    "left: it harms. Wholly within the shaded band: no effect. Anything else is undecided. No answer: the "
    "networks of the reference have not learnt. Not trained: too few synthetic images were good enough.",
    "segmentations": "Best, middling and worst test slice of the reference arm, and what every arm made of "
    "the same slices; networks of the first seed. What was found has the colour of its partner in the truth "
    "(they share more than half of the area that both cover in this slice). Vermillion: extra, nothing true "
    "matches it. Yellow outline: missed. A cell that is split or merged shows both. Over each picture: how "
    "many of the true ones were found.",
    "videos": "Left: the image. Middle: the truth. Right: what was found, in the colours of the truth; "
    "vermillion: extra; yellow outline: missed.",
    "grid": "Numbers: variation of information in bits on validation slices, mean over seeds; fewer are "
    "better. Split: cells cut up. Merge: cells run together. Frame: the lowest VOI by the convention cremi. "
    "Dashed: by the convention paper (Herreros Fraile 2021), which does not score predicted borders and so "
    "flatters wide ones.",
    "methods": "One line per method, of the most labels, by the convention cremi. Large marks: means. Small "
    "marks: single seeds. All methods were tuned on validation slices. V-Rand and V-Info are means of "
    "slices, as in the challenge of ISBI 2012.",
    "summary": "Mean score of each arm, with its interval over seeds. The last four columns need no network: "
    "the best single grey value, the same after smoothing (both chosen on slices that test nothing), "
    "everything marked, nothing marked. A network that is no better is useless. All scores, and why one is "
    "undefined: summary.csv.",
    "partitions": "The same instances under three conventions, means over seeds. cremi: true borders are not "
    "scored; fit to rank. paper: predicted borders are not scored. full: everything counts. Slice by slice: "
    "the mean of slices scored alone, where nothing has to be followed in depth. VOI and Rand are made for "
    "cells that fill the slice; of few small bodies they say little. Intervals: partition_summary.csv.",
    "comparison": "Each arm against the reference, on pairs of networks with the same seed.",
    "quality": "How good the predicted membranes are.",
}

# verdict: (symbol, what the headline says, what it means)
VERDICTS = {
    "helps": ("▲", "{} helps", "The whole interval lies above zero."),
    "harms": ("▼", "{} harms", "The whole interval lies below zero."),
    "no effect": ("=", "{} makes no difference that matters", "The whole interval is small."),
    "undecided": (
        "?",
        "Undecided",
        "The interval is too wide to tell: this takes more seeds or more test slices.",
    ),
    "no answer": (
        "!",
        "No answer: the networks have not learnt enough",
        "The networks that learnt from real data alone must be good themselves first: what helps or harms a "
        "poor training says nothing about a good one.",
    ),
    "not trained": (
        "✗",
        NOT_GOOD_ENOUGH,
        "Too few of its images look like the real ones, so no network learnt from them. This says nothing of "
        "synthetic data by a better generator.",
    ),
}
DEPENDS = ("±", "It depends on the number of labels", "The verdict differs between label fractions.")
NO_COMPARISON = ("–", "No comparison", "This run trained one arm only: there is nothing to compare it with.")

NO_INTERVAL = "no interval: it needs at least two seeds and two test slices"
OTHERS = "The other comparisons"

COVERED = (
    "other seeds: the luck of a network's start and of the order of its training patches",
    "other slices of the same test block",
)
NOT_COVERED = (
    "another animal, preparation or microscope: this is one volume",
    "the hand of the annotator: errors in the labels count as truth",
    "another generator: it was trained once for each label fraction",
    "structures that run through many test slices: the interval is then too narrow",
    "settings that were chosen after looking at this page",
)

WORDS = {
    "iou": "IoU",
    "dice": "Dice",
    "ap50": "AP at IoU 0.5",
    "instance_f1": "instance F1",
    "boundary_f1": "boundary F1",
    "assd_nm": "mean distance between boundaries, nm",
    "hd95_nm": "distance below which 95 % of the boundary lies, nm",
    "pq": "panoptic quality",
    "count_error": "instances found, less true ones (best at 0)",
    "voi_split": "VOI split, bits",
    "voi_merge": "VOI merge, bits",
    "voi": "VOI, bits",
    "arand": "Rand error",
    "cremi_score": "CREMI score",
    "v_rand": "V-Rand",
    "v_info": "V-Info",
    "n_seeds": "seeds",
    "n_pairs": "pairs",
    "n_slices": "test slices",
    "std": "standard deviation",
    "low": "interval from",
    "high": "to",
    "smallest_possible_p": "smallest possible p",
    "arm_iou": "IoU of the arm",
    "reference_iou": "IoU of the reference",
    "coverage": "part of the image that is membrane",
    "undecided": "part with a probability from 0.2 to 0.8",
    "closed": "part of the membrane that divides two regions",
    "inside_structure": "part of the membrane inside the structure (should be 0)",
    "f1": "F1 against the withheld truth",
    "f1_tolerant": "F1 with 2 pixels of tolerance",
    "truth_coverage": "part of the image that is membrane in truth",
    "voxel_size_nm": "voxel size, nm (z, y, x)",
    "fraction": "labels used",
    "file": "source",
    "synthem": "Synthem",
}

# The columns that a reader needs, in the order of reading.
COLUMNS = {
    "comparison": (
        *("arm", "reference", "fraction", "verdict", "difference", "low", "high", "reference_iou", "arm_iou"),
        *("n_pairs", "n_slices", "p", "smallest_possible_p"),
    ),
}

# Why a number may be missing: written under a table in which it is.
REASONS = {
    "low": "an interval needs at least two seeds",
    "high": "an interval needs at least two seeds",
    "difference": "no seed has a score in both arms",
    "std": "a standard deviation needs at least two seeds",
    "p": "a test needs at least two pairs",
    "smallest_possible_p": "a test needs at least two pairs",
}
NO_REASON = "a score is undefined where there is neither truth nor prediction to compare"
NOT_APPLICABLE = {"fraction", "seed", "slice", "threshold"}  # blank: the row has no such thing
TOO_LARGE = "This video is too large for the page: open {} beside it."
NOTHING_HERE = "This run has none."
EMPTY = {  # parts that only some runs have, and why this one has not
    "synthesis": "This run has none: no arm learns from synthetic images.",
    "methods": "This run has none: it was not asked to compare methods (watershed: compare, grid).",
}

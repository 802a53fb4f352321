"""Every sentence of the report that does not come from the data."""

# key: (title, what the reader sees there), in the order of the page
PARTS = {
    "arms": (
        "What was compared",
        "Each arm is a way to learn. In a replicate everything that chance decides was drawn anew: which "
        "slices are labelled, the generator, the new masks, the first weights. All arms of a replicate have "
        "the same labelled slices and the same chance.",
    ),
    "learning_curve": (
        "Learning curve",
        "How good the segmentation gets with more labelled slices, and whether the arms differ more at the "
        "left, where labels are few.",
    ),
    "saving": (
        "Slices saved",
        "How many labelled slices of the reference an arm is worth, what more labels would bring, and how "
        "much it matters which slices are labelled.",
    ),
    "certainty": (
        "How sure can you be?",
        "An interval says how far a difference could move if the whole study were done again: other slices "
        "labelled, other networks, other test slices. It knows nothing of what was never varied.",
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
    "quiz": (
        "Real or synthetic?",
        "People looked at pieces of real slices and of generated images, half of each, and said which is "
        "which. Images that nobody can tell from real ones need not be good to learn from.",
    ),
    "training": (
        "Training",
        "All losses level out, for the learning rate falls to nothing; a U-Net whose loss still fell steeply "
        "before needs more steps. A validation loss that rises shows slices learnt by heart. Losses of a GAN "
        "need not fall: generator and discriminator hold each other.",
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
        "Scores of the whole test block, means over replicates with their intervals. An arrow says which "
        "way is better: up ↑ or down ↓.",
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
    "volume": "A slice from the middle of each block. The labelled slices of a budget are drawn from the "
    "training block; the test block gives the scores on this page.",
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
    "invented": "Top: pieces of real masks. Bottom: masks that a network invented from random numbers "
    "alone, on which images are painted. It has learnt from the labelled slices of the draw and from no "
    "others. They should look like real masks of other places: specks, torn outlines, or the same shapes "
    "again and again mean that it has not learnt enough, or has too few slices to learn from.",
    "stylegan": "Top: pieces of real training slices. Bottom: pieces that a network invented from random "
    "numbers alone, after it had seen such real ones (StyleGAN). It was never told where a cell ends or what "
    "lies in it, and nobody knows how its images should be segmented: they come without labels, and no "
    "network on this page has learnt from them. They show whether a network can catch the look of this "
    "tissue. Judge by eye: do membranes close, is the texture right, does the same picture come twice?",
    "quiz": "Diamonds: means over persons with their interval (of one, that of the answers). Dots: persons. "
    "At the right, images that cannot be told apart would lie together. All numbers: quiz.csv.",
    "training": "Thin: the loss of every step. Thick: its moving mean. Markers: validation loss.",
    "learning_curve": "Large marks: mean over replicates with its interval. Small marks: single networks. "
    "Both axes are the same in all panels. Dashed: what needs no network, tuned on the same labelled "
    "slices.",
    "differences": "Each line is one comparison with its interval. The verdict is made from p, corrected for "
    "the number of comparisons, and from whether a difference that matters can be ruled out; so an interval "
    "may leave out zero and still be undecided.",
    "segmentations": "A middling and the worst test slice of the reference, in the replicate in which it "
    "did best and in that in which it did worst, and what every arm made of the same slices. What was found "
    "has the colour of its partner in the truth (they share more than half of the area that both cover in "
    "this slice). Vermillion: extra, nothing true matches it. Yellow outline: missed. A cell that is split "
    "or merged shows both. Over each picture: how many of the true ones were found.",
    "videos": "Left: the image. Middle: the truth. Right: what was found, in the colours of the truth; "
    "vermillion: extra; yellow outline: missed.",
    "grid": "Numbers: variation of information in bits on the slices kept for validation, mean over runs; "
    "fewer are better. Split: cells cut up. Merge: cells run together. Frame: the lowest VOI by the "
    "convention cremi. Dashed: by the convention paper (Herreros Fraile 2021), which does not score "
    "predicted borders and so flatters wide ones.",
    "methods": "One line per method, of the most labels, by the convention cremi. Large marks: means. Small "
    "marks: single runs. All methods were tuned on the slices kept for validation. V-Rand and V-Info are "
    "means of slices, as in the challenge of ISBI 2012.",
    "summary": "Means over replicates, with their intervals. The last rows need no network: the best single "
    "grey value, the same after smoothing, a random forest on filter responses, each tuned on the same "
    "labelled slices; everything marked; nothing marked. IoU, precision and recall are of the mask as it "
    "is; IoU after the size filter is of the objects that were kept. All scores, and why one is undefined: "
    "summary.csv.",
    "partitions": "The same instances under four conventions, means over replicates. cremi: true borders "
    "are not scored and labels grow over their own; fit to rank. challenge: the numbers of the CREMI "
    "challenge itself, where wide borders cost. paper: predicted borders are not scored. full: everything "
    "counts. Slice by slice: the mean of slices scored alone, where nothing has to be followed in depth. "
    "VOI and Rand are made for cells that fill the slice; of few small bodies they say little. Intervals: "
    "partition_summary.csv.",
    "comparison": "Each arm against the reference, on pairs of the same replicate.",
    "components": "What a difference varies with, as standard deviations of one replicate, one block of test "
    "slices and the rest, and the part of the uncertainty that comes of each. More replicates shrink what "
    "replicates bring; only more test slices shrink what blocks bring.",
    "arms": "Steps: of each U-Net.",
    "decisions": "How many generated images passed the filter, replicate by replicate.",
    "saving": "Thin: one replicate, made to never fall with more labels. Thick: their mean. An arrow leads "
    "from an arm to the number of slices with which the reference is as good; the bar at the foot is its "
    "interval.",
    "quality": "How good the predicted membranes are.",
}

# verdict: (symbol, what the headline says, what it means)
VERDICTS = {
    "helps": ("▲", "{} helps", "More than chance: p is small, corrected for the number of comparisons."),
    "harms": ("▼", "{} harms", "More than chance: p is small, corrected for the number of comparisons."),
    "no effect": (
        "=",
        "{} makes no difference that matters",
        "A difference as large as one that matters is ruled out.",
    ),
    "undecided": (
        "?",
        "Undecided",
        "Neither no difference nor one that matters can be ruled out: this takes more replicates, or more "
        "test slices.",
    ),
    "exploratory": (
        "…",
        "A first look, no answer",
        "Too few replicates or test slices for a verdict: the numbers may guide the next study, no more.",
    ),
    "no answer": (
        "!",
        "No answer",
        "There is nothing that a verdict could rest on. This says nothing of how it would be with better "
        "networks or a better generator.",
    ),
}
# What labels are worth, by the kind of sentence.
WORTH = {
    "saving": "An arm in slices",
    "more": "More labels",
    "choice": "Which slices are labelled",
    "strategies": "How slices are chosen",
}
DEPENDS = ("±", "It depends on the arm or the number of labels", "The verdicts differ.")
NO_COMPARISON = ("–", "No comparison", "This run trained one arm only: there is nothing to compare it with.")

SIDE_BY_SIDE = (
    "The same question, asked of several volumes. Each has replicates, networks and a verdict of its own; "
    "what holds for one of them need not hold for another."
)
TOGETHER = (
    "The mean over these volumes, each of which counts alike. It is made for blocks of one stack that are "
    "tested in turn. Of different tissues it is no more than their mean: the interval holds for other draws "
    "of labels and other slices of these, not for another tissue."
)

OPEN_STILL = "Still open: {1} of {0} comparisons that the question is about."
NO_INTERVAL = "no interval"
MATRIX = "Every arm against {} (change of the {}, with {} interval; what it learnt from is below its name)"

COVERED = (
    "which slices are labelled, as far as the labelling strategy draws them",
    "the luck of all trainings: generator, new masks, filter, first weights, order of the patches",
    "other slices of the same test block",
)
NOT_COVERED = (
    "another animal, preparation or microscope: this is one volume",
    "the hand of the annotator: errors in the labels count as truth",
    "structures that run through many blocks of test slices",
    "settings that were chosen after looking at this page",
)

WORDS = {
    "iou": "IoU",
    "segmented_iou": "IoU after the size filter",
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
    "n_replicates": "replicates",
    "n_blocks": "blocks of test slices",
    "sd": "standard deviation",
    "low": "interval from",
    "high": "to",
    "p_adjusted": "adjusted p",
    "p_equivalence": "p of a difference that matters",
    "better": "P(arm beats reference)",
    "arm_score": "score of the arm",
    "reference_score": "score of the reference",
    "needed_replicates": "replicates that would decide",
    "learns_from": "learns from",
    "equal_slices": "labelled slices of the reference that are as good",
    "coverage": "part of the image that is membrane",
    "undecided": "part with a probability from 0.2 to 0.8",
    "closed": "part of the membrane that divides two regions",
    "inside_structure": "part of the membrane inside the structure (should be 0)",
    "f1": "F1 against the withheld truth",
    "f1_tolerant": "F1 with 2 pixels of tolerance",
    "truth_coverage": "part of the image that is membrane in truth",
    "voxel_size_nm": "voxel size, nm (z, y, x)",
    "budget": "labels used",
    "file": "source",
    "synthem": "Synthem",
}

# The columns that a reader needs, in the order of reading.
COLUMNS = {
    "comparison": (
        *("arm", "budget", "verdict", "difference", "low", "high", "reference_score", "arm_score"),
        *("n_replicates", "n_blocks", "p_adjusted", "p_equivalence", "better", "needed_replicates"),
    ),
}

# Why a number may be missing: written under a table in which it is.
REASONS = {
    "low": "an interval needs at least two replicates",
    "high": "an interval needs at least two replicates",
    "difference": "no replicate has a score in both arms",
    "sd": "a standard deviation needs at least two replicates",
    "p_adjusted": "a test needs at least two replicates",
    "p_equivalence": "a test needs at least two replicates",
    "better": "it needs at least two replicates",
}
NO_REASON = "a score is undefined where there is neither truth nor prediction to compare"
# Blank: the row has no such thing.
NOT_APPLICABLE = {"budget", "replicate", "seed", "slice", "threshold", "needed_replicates", "variant"}
TOO_LARGE = "This video is too large for the page: open {} beside it."
NOTHING_HERE = "This run has none."
EMPTY = {  # parts that only some runs have, and why this one has not
    "synthesis": "This run has none: no arm learns from synthetic images.",
    "quiz": "This run has none: nobody was asked (quiz.wanted, quiz.answers).",
    "saving": "This run has none: it takes several label budgets and an arm beside the reference.",
    "methods": "This run has none: it was not asked to compare methods (watershed: compare, grid).",
}

"""Every sentence of the report that does not come from the data."""

# key: (title, what the reader sees there, whether it stands open), in the order of the page
PARTS = {
    "arms": (
        "Every arm",
        "",
        True,
    ),
    "learning_curve": (
        "Learning curve",
        "How good the segmentation of every arm is, with each number of labelled slices. Where several are "
        "compared, look whether arms differ more with few labels.",
        True,
    ),
    "segmentations": (
        "Test slices, best and worst",
        "No network saw these slices in training. One average hides what goes wrong: look at the worst.",
        True,
    ),
    "synthesis": ("Synthetic images", "", True),
    "tables": (
        "Every score",
        "Scores of the whole test block, means over replicates with their intervals. An arrow says which "
        "way is better: up ↑ or down ↓.",
        False,
    ),
    "certainty": (
        "How sure can you be?",
        "An interval says how far a difference could move if the whole study were done again: other slices "
        "labelled, other networks, other test slices. It knows nothing of what was never varied.",
        False,
    ),
    "saving": (
        "Slices saved",
        "How many labelled slices of the reference an arm is worth, what more labels would bring, and how "
        "far scores lie apart between replicates. Only slices labelled for this structure are counted: masks "
        "of other structures on them, and labels of another volume that membranes were learnt from, are "
        "work, too.",
        False,
    ),
    "design": (
        "What was compared",
        "Each arm is a way to learn. In a replicate everything that chance decides was drawn anew: which "
        "slices are labelled, unless all are, the generator, the new masks, the first weights. All arms of a "
        "replicate have the same labelled slices and the same chance.",
        False,
    ),
    "painting": (
        "How images were made",
        "New masks were bent and mirrored from real ones, or invented by a network that has learnt these; "
        "another network painted an image on each. Only masks of labelled training slices were used.",
        False,
    ),
    "realism": (
        "How real they look",
        "Distances between generated and real images, in features that nobody has trained; how much of the "
        "masks that images were painted on a network of real slices finds in them; and the share of images "
        "that copy the grain of a training slice, about 5 % by chance. Copies are no new data.",
        False,
    ),
    "quiz": (
        "Real or synthetic?",
        "People looked at pieces of real slices and of generated images, half of each, and said which is "
        "which. Images that nobody can tell from real ones need not be good to learn from.",
        False,
    ),
    "sheets": (
        "Sheets of generated images",
        "Asked for in the configuration (sheets); no verdict reads them.",
        False,
    ),
    "checks": (
        "Data checks",
        "What was found in every input file. A problem here stops the run before any network is trained.",
        False,
    ),
    "volumes": (
        "The volumes",
        "The data as the workflow understood it: if a mask is shifted, mirrored or inverted here, it was so "
        "for the networks too.",
        False,
    ),
    "membranes": (
        "Membranes",
        "The image generator can paint on membranes beside the structure: they tell it where cells end.",
        False,
    ),
    "stacks": (
        "Whole stacks",
        "Stacks without labels, segmented by the networks of an arm. No verdict reads them.",
        False,
    ),
    "training": (
        "Training",
        "A U-Net whose loss still fell steeply at the end, or until the learning rate fell to nothing, needs "
        "more steps. A validation loss that rises shows slices learnt by heart. Losses of a GAN "
        "need not fall: generator and discriminator hold each other.",
        False,
    ),
    "gallery": (
        "Gallery",
        "Networks that were trained to be looked at and measured (gallery); no verdict reads them.",
        False,
    ),
    "videos": (
        "Through the test block",
        "The same networks, slice by slice: an error that comes and goes from slice to slice is noise, one "
        "that stays is a structure that the network does not know.",
        False,
    ),
    "methods": (
        "From probabilities to instances",
        "The same predictions, cut into instances in several ways, and how the thresholds of the membrane "
        "watershed matter.",
        False,
    ),
    "provenance": (
        "What ran",
        "What another laboratory needs to repeat this page. Networks of one configuration hash have the same "
        "settings; each draw of a replicate is a function of its number and the seed.",
        False,
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
        "Neither no difference nor one that matters can be ruled out: that takes a larger study.",
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
    "choice": "How far replicates lie apart",
    "strategies": "How slices are chosen",
}
DEPENDS = ("±", "It depends on {}", "The verdicts differ.")
ON_ARM, ON_ARM_OR_LABELS = "the arm", "the arm or the number of labels"
ONE_ARM = ("–", "{}: {}", "This run trained one arm only: there is nothing to compare it with.")
CONTROLS_ALONE = (
    "–",
    "{}: {}",
    "Every other arm of this run is a control, which asks nothing itself: what came out of it is below.",
)

SIDE_BY_SIDE = (
    "The same question, asked of several volumes. Each has replicates, networks and a verdict of its own; "
    "what holds for one of them need not hold for another."
)
TOGETHER = (
    "The mean over these volumes, each of which counts alike. It is made for blocks of one stack that are "
    "tested in turn. Of different tissues it is no more than their mean: the interval holds for other draws "
    "of labels and other slices of these, not for another tissue."
)

STILL_LEARNING = (
    "Had not finished learning, so that equal steps are compared, not networks at their best: {}."
)
BEATEN = "Worse than what needs no network (a threshold, a random forest): {}."
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
    "diameter_nm": "diameter, nm",
    "cut": "at a face",
    "iou": "IoU",
    "segmented_iou": "IoU after the size filter",
    "dice": "Dice",
    "ap50": "AP at IoU 0.5",
    "instance_f1": "instance F1",
    "boundary_f1": "boundary F1",
    "assd_nm": "mean boundary distance, nm",
    "hd95_nm": "95 % boundary distance, nm",
    "pq": "panoptic quality",
    "count_error": "count error",
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
    "changes": "settings that differ",
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

NO_ENDS = "an interval needs two replicates with a defined score, that of a difference two test slices, too"
NO_TEST = "a test needs two replicates and two test slices, all with a defined score"
# Why a number may be missing: written under a table in which it is.
REASONS = {
    "low": NO_ENDS,
    "high": NO_ENDS,
    "difference": "no replicate has a score in both arms",
    "sd": "a standard deviation needs two replicates with a defined score",
    "p_adjusted": NO_TEST,
    "p_equivalence": NO_TEST,
    "better": NO_TEST,
}
NO_REASON = "a score is undefined where there is neither truth nor prediction to compare"
# Blank: the row has no such thing.
NOT_APPLICABLE = {
    "budget",
    "replicate",
    "seed",
    "slice",
    "threshold",
    "needed_replicates",
    "variant",
    "changes",
}
TOO_LARGE = "This video is too large for the page: open {} beside it."

"""The words below every picture and above every table of the report."""

CAPTIONS = {
    "volume": "A slice from the middle of each block. The labelled slices of a budget are drawn from the "
    "training block; the test block gives the scores on this page.",
    "membranes": "White in the second column is certain membrane. Where true membranes were withheld, the "
    "last column shows what the network found, missed and marked falsely.",
    "repainted": "Top: real slices that the generator learnt from. Middle: their masks. Bottom: what it "
    "paints on these masks: cells must lie where they lie above, textures need not.",
    "filtered": "Top: real slices. Middle: new masks. Bottom: images painted on them; the real slice above "
    "is not their model. A rejected image says what for, and how many times as far from the typical real one "
    "it is as 95 % of real pieces are. Curves: grey values.",
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
    "quiz": "Diamonds: means over persons, with an interval for other persons and images (of one person, "
    "that of the answers). Dots: persons. "
    "At the right, images that cannot be told apart would lie together. All numbers: quiz.csv.",
    "training": "Thin: the loss of every step. Thick: its moving mean. Markers: validation loss.",
    "learning_curve": "Large marks: mean over replicates with its interval. Small marks: single networks. "
    "Dashed: what needs no network, tuned on the same labelled slices.",
    "differences": "Each line is one comparison with its interval. The verdict is made from p, corrected for "
    "the number of comparisons, and from whether a difference that matters can be ruled out; so an interval "
    "may leave out zero and still be undecided.",
    "segmentations": "The best, a middling and the worst test slice of the reference, in its best and its "
    "worst replicate, and what every arm made of them. What was found has the colour of its partner in the "
    "truth. Vermillion: extra. Yellow outline: missed. Above: how many of the true ones were found, and the "
    "IoU of all that the network marked: hatched is what of it is in no object that was kept, mostly as it "
    "is too small (smallest_nm3).",
    "videos": "Left: the image. Middle: the truth. Right: what was found, in the colours of the truth; "
    "vermillion: extra; yellow outline: missed.",
    "stacks": "The folder of a stack has its segmentation. Its list of slices, each with a picture, says "
    "which are worth labelling next; it is there when the stack is segmented.",
    "listed": "A stack leads to what was found in it. Sure (0 to 1): the networks, on average over the "
    "voxels of all objects, and of the object that they are least sure of.",
    "stack": "Image, instances that the networks found (neighbours in different colours), and how sure they "
    "are: dark near the border of the mask, or where networks of several replicates disagree.",
    "objects": "The objects that the networks are least sure of (0 to 1): look at these first. Places are "
    "voxels from 0, while Fiji calls the first slice 1. What reaches a face of the stack may go on beyond.",
    "grid": "Numbers: variation of information in bits on the slices kept for validation, mean over runs; "
    "fewer are better. Split: cells cut up. Merge: cells run together. Frame: the lowest VOI by the "
    "convention cremi. Dashed: by the convention paper (Herreros Fraile 2021), which does not score "
    "predicted borders and so flatters wide ones.",
    "methods": "One line per method, of the most labels, by the convention cremi. Large marks: means. Small "
    "marks: single runs. All methods were tuned on the slices kept for validation. V-Rand and V-Info are "
    "means of slices, as in the challenge of ISBI 2012.",
    "summary": "Mean over replicates and its interval, as ± half of it where both halves are alike. The last "
    "rows need no network: the best single grey value, the same after smoothing, a random "
    "forest on filter responses, each tuned on the same labelled slices; everything marked; nothing marked. "
    "All scores, and why one is undefined: summary.csv.",
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
    "saving": "Thin: one replicate. Thick: their mean; that of the reference is made to never fall with more "
    "labels, and its thin curves go with it. An arrow leads from an arm to the number of slices with which "
    "the reference is as good; the bar at the foot is its interval.",
    "quality": "How good the predicted membranes are.",
    "pretraining": "Losses of drawing hidden parts of images, a column for each setting. Vermillion: of test "
    "images, which are never learnt from.",
    "completed": "Pieces of test slices of which a part was hidden, what a network draws of them, and the "
    "pieces as they are.",
    "noise": "How well networks find membranes after learning with more and more noise.",
    "membrane_variants": "Outlines of the membranes that each network predicts; at the left its settings.",
    "realism_curves": "Distances, masks that are found, copies, while generators learn; grey: real slices.",
    "realism_floors": "The same against the number of images: below the line of real ones all look alike.",
    "realism_components": "Real and generated patches in the two directions in which real ones differ most.",
    "realism_stability": "How much the losses swing in training: low and level is calm.",
}

"""Words of a report about what was generated: a study that made no such thing has a page without them."""

# What sentences of `text` say of something, and the rest of each without it.
LOSSES = {" Losses of a GAN need not fall: generator and discriminator hold each other.": ""}
DRAWN = {
    "unless all are, the generator, the new masks,": "unless all are, the new masks,",
    "the luck of all trainings: generator, new masks, filter,": "the luck of all trainings: new masks,",
    "with better networks or a better generator.": "with better networks.",
}
MASKS = {
    "unless all are, the new masks,": "unless all are,",
    "the luck of all trainings: new masks,": "the luck of all trainings:",
}
MEMBRANES = {
    "masks of other structures on them, and labels of another volume that membranes were learnt from, are "
    "work, too.": "masks of other structures on them are work, too."
}
GANS = {"train_gan", "train_stylegan", "pretrain_network"}  # rules that train a network against another


def of_what_was_made(text, trained, pairs):
    """HTML, or the text of the first screen, without what it says of networks and masks that were not made.

    trained: the rules whose networks the study has. pairs: whether images with masks were made of the
    labelled slices, without a generator.
    """
    clauses = {} if GANS & trained else dict(LOSSES)
    if "train_gan" not in trained:
        clauses |= DRAWN if pairs else DRAWN | MASKS
    if "train_membranes" not in trained:
        clauses |= MEMBRANES
    for clause, rest in clauses.items():
        text = text.replace(clause, rest)
    return text

"""What a segmenter is asked for: formulas of `losses` with the weights of `training.loss`."""

from functools import partial

from synthem.training import losses


class Objective:
    """logits, target [B, C, (Z,) Y, X], known -> {name: loss}, to be added up. A weight of 0 leaves one out.

    positive_weight: how many times as much a missed voxel of the structure costs in the cross entropy.
    """

    def __init__(self, *, bce, dice, cldice, cldice_iterations, positive_weight):
        entropy = losses.bce
        if positive_weight != 1:
            entropy = partial(losses.weighted_bce, structure_weight=positive_weight)
        formulas = {
            "bce": (bce, entropy),
            "dice": (dice, losses.dice),
            "cldice": (cldice, partial(losses.cl_dice, iterations=cldice_iterations)),
        }
        self.formulas = {name: pair for name, pair in formulas.items() if pair[0]}

    def __call__(self, logits, target, known):
        return {
            name: weight * formula(logits, target, known) for name, (weight, formula) in self.formulas.items()
        }

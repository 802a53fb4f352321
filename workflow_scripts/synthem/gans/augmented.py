"""Images that are changed at random before a generator learns from them, as those of segmenters are."""

from synthem.gans.batches import Pairs
from synthem.patches.augment import draw_transforms, refuse_folds, turns_alone
from synthem.patches.batches import HostSets
from synthem.patches.places import draw_places, one_after_the_other


def augmented_pairs(examples, augment, **pairs):
    """The Pairs of a PatchSet under the `augment` of a config."""
    return Pairs(examples, **pairs) if turns_alone(augment) else AugmentedPairs(examples, augment, **pairs)


class AugmentedPairs(Pairs):
    """Patches of the same places, turned alike, with all other changes of `augment`.

    A unit of noise or brightness is half of the range [-1, 1], which no grey level leaves: nothing else can
    be drawn.
    """

    def __init__(self, examples, augment, *, patch, **pairs):
        super().__init__(examples, patch=patch, **pairs)
        refuse_folds(elastic=augment["elastic"], size=patch)
        self.augment = augment
        self.sets = self.held or HostSets([self.examples])

    def _drawn(self, number, seed):
        patches = one_after_the_other(number, self.batch_size)
        places = draw_places([self.examples], patches, seed=seed, size=self.size)
        transforms = draw_transforms([place.seed for place in places], **self.augment)
        channels, _, known = self.sets.fill(places, transforms, self.size)
        colours = self.examples.image_channels
        return channels[:, colours:] * 2 - 1, channels[:, :colours].clamp(-1, 1), known

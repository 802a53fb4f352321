"""Labels of patches -> affinities: whether a voxel and the one a step away are of one instance."""

import torch

from synthem.kernels.neighbourhoods import pair_of_views
from synthem.labels.targets import UNKNOWN

UNKNOWN_HERE = int(UNKNOWN.view("int32"))  # torch has no uint32 to compare: -1 has the same bits


def affinities_of_labels(labels, steps):
    """int32 [B, Z, Y, X] -> (affinities, known), each float32 {0, 1} [B, len(steps), Z, Y, X].

    An affinity is 1 where the voxel a step (z, y, x) away has the same id, not 0. Unknown are steps that
    leave the patch, and pairs of which one voxel at least is unknown.
    """
    patches, *shape = labels.shape
    target = torch.zeros(patches, len(steps), *shape, device=labels.device)
    known = torch.zeros_like(target)
    for channel, step in enumerate(steps):
        here, there = pair_of_views(shape, step)
        one, other = labels[:, *here], labels[:, *there]
        both = (one != UNKNOWN_HERE) & (other != UNKNOWN_HERE)
        known[:, channel, *here] = both.float()
        target[:, channel, *here] = (both & (one == other) & (one != 0)).float()
    return target, known

import numpy as np


def affinities(labels, steps):
    """Labels [Z, Y, X] -> uint8 [len(steps), Z, Y, X]: 1 where the voxel a step away has the same id, not 0.

    A step that leaves the volume gives 0.
    """
    found = np.zeros((len(steps), *labels.shape), np.uint8)
    for channel, step in zip(found, steps, strict=True):
        for place in np.ndindex(labels.shape):
            partner = tuple(np.add(place, step))
            within = all(0 <= at < size for at, size in zip(partner, labels.shape, strict=True))
            channel[place] = within and labels[place] == labels[partner] != 0
    return found

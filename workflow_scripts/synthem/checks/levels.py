"""What more than two values in a mask are: soft edges, classes or instances, or a picture."""

from dataclasses import dataclass

import numpy as np

PLAIN = (1, 255, 65535)  # usual values of "structure" in masks; numbers up to another may be instances


@dataclass
class Between:
    """Counts voxels between the lowest and the highest level, inside of the outline of each slice."""

    levels: np.ndarray  # the values of a mask, rising
    count: int = 0
    flat: int = 0  # of these, with four neighbours of the same value

    def add(self, plane):
        middle = plane[1:-1, 1:-1]
        between = (middle > self.levels[0]) & (middle < self.levels[-1])
        if not between.any():
            return
        self.count += int(np.count_nonzero(between))
        for neighbour in (plane[:-2, 1:-1], plane[2:, 1:-1], plane[1:-1, :-2], plane[1:-1, 2:]):
            between &= middle == neighbour
        self.flat += int(np.count_nonzero(between))

    def share(self, histogram):
        """(voxels with one of these values, their share), outlines of the slices included."""
        count = histogram.counts[np.isin(histogram.values, self.levels[1:-1])].sum()
        return count, count / histogram.counts.sum()

    def are_numbered(self, histogram):
        """Whether the highest level is the last number of instances, rather than a usual one of masks."""
        whole = self.levels.dtype.kind in "ui"
        return whole and self.levels[-1] not in PLAIN and self.share(histogram)[1] <= 0.5

    def are_classes(self, histogram):
        """Whether they are classes or instances, which are flat.

        Voxels of a soft edge lie on a slope and differ from their neighbours.
        """
        return self.flat > self.count / 2 or self.are_numbered(histogram)

    def are_picture(self, histogram):
        """Whether most voxels lie between the ends, and none of it is flat: no mask, but an image."""
        return not self.are_classes(histogram) and self.share(histogram)[1] > 0.5

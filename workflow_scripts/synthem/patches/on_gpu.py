"""Makes a batch of patches on a GPU: the transforms of `on_processor` as tensor operations.

The slices stay on the device. A few numbers for each patch go there, for many steps at once, and the host
never waits for it.
"""

from functools import cache

import numpy as np
import torch

from synthem.patches.augment import PART, WHOLE, bending_weights, blur_weights, margin_of, noise_table


class DeviceSets:
    """Sets that a device holds whole, one after the other: a few hundred megabytes for most of EM."""

    def __init__(self, sets, device):
        self.device = device
        self.conditions = len(sets[0].conditions)
        self.has_target = sets[0].target is not None
        learns_labels = sets[0].labels is not None
        self.has_unknown = not learns_labels and any(examples.has_unknown for examples in sets)
        shapes = [examples.image.shape[:3] for examples in sets]
        voxels = [0, *np.cumsum([np.prod(shape) for shape in shapes])]
        slices = [0, *np.cumsum([shape[0] for shape in shapes])]
        layout = [
            (voxel, number, *shape[1:]) for voxel, number, shape in zip(voxels, slices, shapes, strict=False)
        ]
        self.layout = torch.tensor(layout, device=device)  # [sets, 4]: where each begins, height and width
        colours = sets[0].image_channels
        levels = np.concatenate([examples.image.reshape(-1, colours) for examples in sets])
        self.wide_levels = levels.dtype == np.uint16
        # torch can hardly index uint16: the bits are read as int16, and put right in the cut patches.
        self.levels = torch.from_numpy(levels.view(np.int16) if self.wide_levels else levels).to(device)
        masks = [
            np.array(self._masks_of(examples), np.uint8).reshape(-1, np.prod(shape))
            for examples, shape in zip(sets, shapes, strict=True)
        ]
        self.masks = torch.from_numpy(np.concatenate(masks, axis=1)).to(device)  # [M, voxels]
        if learns_labels:
            labels = np.concatenate([examples.labels.ravel() for examples in sets])
            self.labels = torch.from_numpy(labels.view(np.int32)).to(device)
        statistics = [
            np.stack(examples.statistics, axis=1).reshape(-1, 2, colours, 1, 1) for examples in sets
        ]
        self.statistics = torch.from_numpy(np.concatenate(statistics)).to(device)

    def ready(self, drawn):
        """What is drawn, on the device: `fill` and `fill_labels` take no other."""
        return sent(drawn, self.device)

    def fill(self, places, transforms, size):
        """Flat patches at these places; see `batches`."""
        margin = margin_of(transforms)
        voxel, image_slice = self._addresses(places, transforms, size + 2 * margin, margin)
        image = self.levels[voxel].movedim(-1, 1)  # [B, C, Y, X]
        image = (image.int() & 0xFFFF if self.wide_levels else image).float()
        masks = self.masks[:, voxel].movedim(0, 1).float()  # [B, M, Y, X]
        if margin:
            weights = _constant(self.device, bending_weights, size)
            y, x = bent_places(transforms.control, weights, margin)
            image, masks = interpolate(image, y, x), nearest(masks, y, x)
        if transforms.blur:
            matrix = _constant(self.device, blur_matrix, size, *transforms.blur)
            blurred = _each(transforms.blurred)
            image = torch.where(blurred, matrix @ image @ matrix.T, image)
        if transforms.part_blur:
            matrix = _constant(self.device, blur_matrix, size, *transforms.part_blur)
            blurred = self._cut_off(transforms, 0, size) & _each(transforms.part_blurred)
            image = torch.where(blurred, matrix @ image @ matrix.T, image)
        image = self._finish(image, self.statistics[image_slice], transforms)
        if transforms.incomplete:
            whole, part = (_each(transforms.missing == kind) for kind in (WHOLE, PART))
            image = torch.where(whole | part & self._cut_off(transforms, 1, size), 0, image)
        conditions, *beside = masks.split([self.conditions, self.has_target, self.has_unknown], dim=1)
        target, known = (part if part.shape[1] else None for part in beside)
        return torch.cat([image, conditions], dim=1), target, known

    def fill_labels(self, places, transforms, size):
        """Labels of flat patches at these places, int32 [P, size, size]."""
        margin = margin_of(transforms)
        labels = self.labels[self._addresses(places, transforms, size + 2 * margin, margin)[0]]
        if margin:
            weights = _constant(self.device, bending_weights, size)
            y, x = bent_places(transforms.control, weights, margin)
            labels = nearest(labels[:, None], y, x)[:, 0]
        return labels

    def _masks_of(self, examples):
        """Conditions, target and, where it is not all of it, what is known."""
        masks = [*examples.conditions.values()] + [examples.target] * self.has_target
        if self.has_unknown:
            everywhere = np.ones(examples.image.shape[:3], np.uint8)
            masks.append(1 - examples.ignore if examples.has_unknown else everywhere)
        return masks

    def _addresses(self, places, transforms, wide, margin):
        """Which voxel of all sets each pixel of a patch shows, int64 [B, wide, wide], and which slice [B]."""
        voxel, number, height, width = self.layout[places.index].T
        voxel, image_slice = voxel + places.z * height * width, number + places.z
        y, x = places.y - margin, places.x - margin
        transposed, *backwards = transforms.turned.T
        rows = lines(y, wide, height, backwards[0])
        columns = lines(x, wide, width, backwards[1])
        upright = rows[:, :, None] * width[:, None, None] + columns[:, None, :]
        transposed = transposed[:, None, None] > 0
        return voxel[:, None, None] + torch.where(transposed, upright.mT, upright), image_slice

    def _finish(self, image, statistics, transforms):
        """Standardise with changed contrast and brightness, then add noise, the same on all colours."""
        gain, shift, noise = map(_each, (transforms.gain, transforms.shift, transforms.noise))
        mean, deviation = statistics.unbind(1)
        image = (image - mean) * (gain / deviation) + shift
        if transforms.noisy:
            table, size = _constant(self.device, noise_table), image.shape[2:]
            start = transforms.noise_start[:, None]
            places = (start + torch.arange(size.numel(), device=self.device)) % len(table)
            image = image + noise * table[places].reshape(-1, 1, *size)
        return image

    def _cut_off(self, transforms, which, size):
        """Which pixels lie on the one side of a line, bool [B, 1, size, size]; see `on_processor.cut_off`."""
        a, b, c = (_each(transforms.edges[:, which, k]) for k in range(3))
        line = 2 * torch.arange(size, device=self.device) + 1 - size
        return a * line[:, None] + b * line < c * size


def _each(values):
    return values.reshape(-1, 1, 1, 1)


def sent(rows, device):
    """Rows of numpy arrays -> the same as tensors of the device, which get there in one copy."""
    arrays, ends = [], [0]

    def noted(array):
        arrays.append(torch.from_numpy(array.copy()))
        ends.append(ends[-1] + -(-array.nbytes // 8) * 8)  # where numbers of 8 bytes may begin

    rows.mapped(noted)
    packed = torch.empty(ends[-1], dtype=torch.uint8)
    for array, start in zip(arrays, ends, strict=False):
        packed[start : start + array.nbytes] = array.flatten().view(torch.uint8)
    packed = send(packed, device)
    views = (
        packed[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
        for array, start in zip(arrays, ends, strict=False)
    )
    return rows.mapped(lambda _: next(views))


def send(tensor, device):
    """A tensor of the host, on the device; the host does not wait until it is there."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


@cache
def _constant(device, make, *arguments):
    """An array that every batch needs, sent once."""
    return torch.from_numpy(make(*arguments)).to(device)


def lines(first, count, length, backwards):
    """The numbers first, first + 1, .. of lines, [B, count]; those outside of 0 .. length - 1 mirrored."""
    number = torch.arange(count, device=first.device)
    number = first[:, None] + torch.where(backwards[:, None] > 0, count - 1 - number, number)
    period = (2 * (length - 1)).clamp(min=1)[:, None]
    number = number % period
    return torch.minimum(number, period - number)


def bent_places(control, weights, margin):
    """Where each pixel of a patch comes from, in a patch with this margin: y, x, float32 [B, size, size]."""
    shifts = weights @ control @ weights.T  # [B, 2, size, size]
    line = torch.arange(margin, margin + len(weights), device=control.device, dtype=torch.float32)
    return line[:, None] + shifts[:, 0], line + shifts[:, 1]


def interpolate(image, y, x):
    """[B, C, wide, wide] at places between four pixels each."""
    row, column = y.long(), x.long()
    down, right = (y - row)[:, None], (x - column)[:, None]
    corners = [at(image, row + i, column + j) for i in (0, 1) for j in (0, 1)]
    above = corners[0] + right * (corners[1] - corners[0])
    below = corners[2] + right * (corners[3] - corners[2])
    return above + down * (below - above)


def nearest(masks, y, x):
    return at(masks, (y + 0.5).long(), (x + 0.5).long())


def at(stack, row, column):
    """[B, C, Y, X] at whole places [B, size, size] -> [B, C, size, size]."""
    place = (row * stack.shape[3] + column).flatten(1)[:, None].expand(-1, stack.shape[1], -1)
    return stack.flatten(2).gather(2, place).reshape(*stack.shape[:2], *row.shape[1:])


def blur_matrix(size, sigma, radius):
    """float32 [size, size]: what blurs the lines of an image that is mirrored at its borders."""
    matrix = np.zeros((size, size), np.float32)
    for offset, weight in zip(range(-radius, radius + 1), blur_weights(sigma, radius), strict=True):
        line = np.abs(np.arange(size) + offset)
        np.add.at(matrix, (np.arange(size), np.minimum(line, 2 * (size - 1) - line)), weight)
    return matrix

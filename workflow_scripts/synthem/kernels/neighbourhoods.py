"""Which voxels are neighbours: 4 or 8 within a slice; 6, 18 or 26 in a volume."""

from itertools import product

from synthem.errors import SynthemError

# neighbours -> (the slices below and above count, steps that may differ from 0 at once)
KINDS = {4: (False, 1), 8: (False, 2), 6: (True, 1), 18: (True, 2), 26: (True, 3)}


def steps_to(neighbours):
    """[(z, y, x)] from a voxel to each of its neighbours, the nearest first."""
    across, most = _kind(neighbours)
    lengths = {step: sum(map(abs, step)) for step in product((-1, 0, 1), repeat=3)}
    allowed = [step for step, length in lengths.items() if 0 < length <= most and (across or step[0] == 0)]
    return sorted(allowed, key=lambda step: (lengths[step], step))


def framed_shape(shape, neighbours):
    """The shape with a frame of one voxel where there are neighbours, so that loops need no edge check."""
    frame = 1 if _kind(neighbours)[0] else 0
    return (shape[0] + 2 * frame, shape[1] + 2, shape[2] + 2)


def within_frame(framed, neighbours):
    """The view without the frame."""
    return framed[1:-1, 1:-1, 1:-1] if _kind(neighbours)[0] else framed[:, 1:-1, 1:-1]


def flat_steps(neighbours, framed):
    """Steps in the flattened framed array, as a tuple: its length is known when a kernel is compiled."""
    _, height, width = framed
    return tuple(int((z * height + y) * width + x) for z, y, x in steps_to(neighbours))


def pair_of_views(shape, step):
    """Slices of all voxels that have a partner one step away, and of these partners; empty if none has."""
    here = tuple(
        slice(max(-size, 0), max(length - max(size, 0), 0)) for size, length in zip(step, shape, strict=True)
    )
    there = tuple(
        slice(max(size, 0), max(length - max(-size, 0), 0)) for size, length in zip(step, shape, strict=True)
    )
    return here, there


def _kind(neighbours):
    if neighbours not in KINDS:
        raise SynthemError(
            "CONFIG_VALUE",
            "neighbours",
            repr(neighbours),
            expected="4 or 8 within a slice, or 6, 18 or 26 in a volume",
            fix="choose one of these",
        )
    return KINDS[neighbours]

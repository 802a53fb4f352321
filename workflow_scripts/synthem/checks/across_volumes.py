"""Problems between volumes: copied stacks, leaked slices, grey beside colour, other pixel sizes."""

from synthem.checks.leakage import find_copies, find_leaks
from synthem.errors import SynthemError


def all_seen(volume):
    """Whether every image of a Checked volume could be read."""
    return len(volume.images) == sum(part == "image" for _, part in volume.findings)


def compare_volumes(checked, targets, folds):
    """Compare {name: Checked}; problems and warnings go to the findings of the images.

    folds: pairs of targets that may be one stack, tested in turn.
    """
    volumes = list(checked.values())
    images = [
        (volume.findings[block, "image"], seen) for volume in volumes for block, seen in volume.images.items()
    ]
    find_copies(images, folds)
    places = {
        name: (
            volume.blocks,
            [(volume.findings[block, "image"], seen) for block, seen in volume.images.items()],
        )
        for name, volume in checked.items()
        if volume.blocks and all_seen(volume)
    }
    find_leaks(places, targets, folds)
    _compare_colours([volume for volume in volumes if volume.grey])
    _compare_sizes([volume for volume in volumes if volume.voxel_size_nm])


def _compare_colours(volumes):
    """A problem where one volume is grey and another in colour: a network of one is used on the other."""
    kinds = ["colour" if volume.grey.colour else "grey" for volume in volumes]
    for volume, kind in zip(volumes, kinds, strict=True):
        finding = volume.findings["", "image"]
        if kind != kinds[0]:
            first = volumes[0].findings["", "image"]
            with finding.catching():
                raise SynthemError(
                    "DATA_SHAPE",
                    finding.source,
                    f"{kind}, while {first.volume} is {kinds[0]}",
                    expected="source and target both grey, or both in colour",
                    fix="save the one in colour in grey",
                )


def _compare_sizes(volumes):
    """A warning where pixels are much larger than in another volume: networks see shapes in pixels."""
    finest = min((min(volume.pixel_nm) for volume in volumes), default=0)
    for volume in volumes:
        largest = max(volume.pixel_nm)
        if largest > 1.5 * finest:
            words = f"pixels {largest / finest:.1f} times as large as the finest of this run"
            volume.findings["", "image"].warn(words)

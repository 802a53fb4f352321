"""Warns of sizes that do not fit the data: networks of the demo, tiles with seams, patches beyond slices."""

from synthem.config.entries import sources_of
from synthem.config.kinds import value_at

SIZES = {  # of the demo, of every kind of network; not read from config.yaml, which users edit, too
    "membranes.network.<kind>.base_width": 8,
    "membranes.training.steps": 250,
    "gans.generator.<kind>.base_width": 16,
    "gans.discriminator.<kind>.base_width": 16,
    "gans.training.steps": 500,
    "unets.network.<kind>.base_width": 8,
    "unets.training.steps": 150,
}


def demo_sizes(config, sections, named):
    """{key: value} of the sizes that are the demo's, of the networks of these sections of the config.

    named: what `size` and the user's files say. Who names a size means it, also where it is that of the demo.
    """
    needed = {of_kind(config, key): size for key, size in SIZES.items() if key.split(".")[0] in sections}
    return {
        key: size
        for key, size in needed.items()
        if value_at(config, key) == size and not is_named(named, key)
    }


def is_named(part, key):
    """Whether a part of a config has the key."""
    for word in key.split("."):
        if not isinstance(part, dict) or word not in part:
            return False
        part = part[word]
    return True


def of_kind(config, key):
    """The key with the kind of network that the config chooses in place of <kind>."""
    section, kind, option = key.partition(".<kind>")
    return f"{section}.{value_at(config, section)['kind']}{option}" if kind else key


def reach_of(depth):
    """How many pixels beyond a tile a U-Net looks.

    It has two convolutions on every level down and up: of depth 2 it reaches 2 + 4 + 8 and 4 + 2 pixels, and
    pooling adds 2.
    """
    return 7 * 2**depth - 6


def check_sizes(finding, volume, size, *, patches, short_halos, demo_sizes):
    """Whether sizes of the config fit a target, a volume of the config with slices of `size` (None: unread).

    patches {key: pixels}: sides of the patches that networks learn from, at most. short_halos: {tile, depth}
    of U-Nets that look beyond the halo of their tiles. demo_sizes {key: value}: sizes of networks and
    trainings that are fit for embedded data alone.
    """
    if demo_sizes and not all("results/phantoms/" in source for source in sources_of(volume)):
        named = ", ".join(f"{key} {value}" for key, value in demo_sizes.items())
        finding.warn(f"sizes of the demo, too small for real data: set `size: auto`, or raise {named}")
    if size:
        _warn_of_large_patches(finding, size, patches)
        for one in short_halos:
            _warn_of_seams(finding, size, **one)


def _warn_of_large_patches(finding, size, patches):
    """A warning where patches are larger than slices [y, x]: their rest is mirrored tissue."""
    large = [f"{key} ({patch})" for key, patch in patches.items() if patch > min(size)]
    if large:
        finding.warn(
            f"slices of {size[0]} x {size[1]} pixels are smaller than patches, which reflection fills up: "
            f"set {' and '.join(large)} to {min(size)} or less"
        )


def _warn_of_seams(finding, size, *, tile, depth):
    """A warning where slices [y, x] are cut into tiles, and a U-Net of this depth looks beyond their halo."""
    if max(size) > tile:
        finding.warn(
            f"slices are predicted in tiles of {tile} pixels, and a U-Net of depth {depth} looks "
            f"{reach_of(depth)} pixels further: set inference.halo to {reach_of(depth)}, or seams show"
        )

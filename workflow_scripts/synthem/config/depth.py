"""Networks that see several slices at once, and the settings that only these read."""

from synthem.networks.registry import IN_SPACE

ONE_SLICE = {"tile_slices": 1, "halo_slices": 0}  # of `inference`: what all other networks have


def sees_slices(network):
    """Whether a network of the config sees several slices at once."""
    return network["kind"] in IN_SPACE


def inference_of(config, *sections):
    """The settings `inference` as they act on the networks of these sections: `unets`, `membranes`."""
    deep = any(sees_slices(config[section]["network"]) for section in sections)
    return config["inference"] if deep else config["inference"] | ONE_SLICE

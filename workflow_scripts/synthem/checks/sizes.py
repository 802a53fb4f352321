"""Are networks and trainings as large as real data needs?"""

from synthem.volume_entries import sources_of

SIZES = (  # whose values in config.yaml are those of the demo
    "membranes.network.base_width",
    "membranes.training.steps",
    "gans.generator.base_width",
    "gans.discriminator.base_width",
    "gans.training.steps",
    "unets.network.base_width",
    "unets.training.steps",
)


def demo_sizes(config, demo, sections):
    """{key: value} of the sizes that are the demo's, of the networks of these sections of the config."""
    needed = [key for key in SIZES if key.split(".")[0] in sections]
    return {key: value_at(config, key) for key in needed if value_at(config, key) == value_at(demo, key)}


def value_at(config, key):
    for word in key.split("."):
        config = config[word]
    return config


def warn_of_demo_sizes(finding, volume, sizes):
    """Where the files are a user's, and not embedded data."""
    if sizes and not all("results/phantoms/" in source for source in sources_of(volume)):
        named = ", ".join(f"{key} {value}" for key, value in sizes.items())
        finding.warn(f"sizes of the demo, too small for real data: raise {named} (README, Your own data)")

"""Sections of the config with a choice: {kind: unet, unet: {its options}, unet3d: {its options}}."""


def chosen(value):
    """A part of the config without the options of kinds that it does not choose, at any depth.

    What these are set to changes no result, so it must not be part of what decides whether a result is stale.
    """
    if isinstance(value, list):
        return [chosen(part) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("kind")
    return {
        key: chosen(part)
        for key, part in value.items()
        if kind is None or key == kind or not isinstance(part, dict)
    }


def options_of(section):
    """The options of the kind that a section chooses; {} where that kind has none."""
    return section.get(section["kind"], {})


def value_at(config, key):
    """What a config has at a key like `unets.training.steps`."""
    for word in key.split("."):
        config = config[word]
    return config

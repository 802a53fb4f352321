"""Which settings act: those of a chosen kind ({kind: unet, unet: {...}, unet3d: {...}}), of a weight above 0.

What the others are set to changes no result, so it must be no part of what decides whether a result is stale.
"""

# A weight, probability, side or number of steps -> the settings beside it that do nothing while it is 0.
COMPANIONS = {
    "ada_target": ("ada_images",),
    "bce": ("positive_weight",),
    "cldice": ("cldice_iterations",),
    "decay": ("warm_up",),
    "every": ("first", "in_a_row"),
    "first_side": ("fade_steps", "stable_steps"),
    "probability": ("gain", "radius", "sigma"),
}
# The other way round: a word that is not empty -> the lists beside it in whose place it stands.
IN_PLACE_OF = {"preset": ("interior_thresholds", "edge_rises")}
# What grows so draws from random numbers alone: its guards judge it, and nothing else. A generator that
# paints on masks is judged when it has finished, too.
GROWING = "progressive"


def chosen(value):
    """A part of the config without the options of kinds that it does not choose, at any depth.

    What a weight, probability or number of 0 silences is 0, too, and a list in whose place a word stands is
    empty: those who read them want all keys.
    """
    if isinstance(value, list):
        return [chosen(part) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("kind")
    silent = {one: 0 for switch, own in COMPANIONS.items() if value.get(switch) == 0 for one in own}
    silent |= {one: [] for word, own in IN_PLACE_OF.items() if value.get(word) for one in own}
    if GROWING in value and not value["guards"]["every"]:
        silent["guards"] = chosen(value["guards"] | {"on_failure": "stop"})
    return {
        key: silent[key] if key in silent else chosen(part)
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

"""Arms of a study that show what a labelling strategy does."""


def strategies_alone(config):
    """[(arm, other, strategy of the arm, of the other)] of a study's arms that differ in `labels.strategy`
    alone.

    Such arms share `real` and other volumes alone: what is made of labels follows their strategy.
    """
    variants, own = config["variants"], config["labels"]["strategy"]

    def rest(name):
        arm = config["arms"][name]
        departures = variants.get(arm["variant"], {})
        others = {key: part for key, part in departures.items() if key != "labels"}
        return {key: part for key, part in arm.items() if key != "variant"} | {"variant": others}

    def strategy(name):
        departures = variants.get(config["arms"][name]["variant"], {})
        return departures.get("labels", {}).get("strategy", own)

    names = config["study"]["arms"]
    reference = config["study"]["reference"]
    pairs = [(b, a) if b != reference else (a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    return [
        (arm, other, strategy(arm), strategy(other))
        for arm, other in pairs
        if rest(arm) == rest(other) and strategy(arm) != strategy(other)
    ]

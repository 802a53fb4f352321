"""Arms in words: what a U-Net learnt from, for someone who has not read the config."""

from fractions import Fraction

SHARES = {
    Fraction(1, 4): "a quarter",
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds",
    Fraction(3, 4): "three quarters",
}
NEAR = 0.005  # a share so near to one of SHARES has its word: 0.33 is a third
REAL = "real"
GENERATED = ("gan", "mismatched")
CONTROLS = ("copies", "mismatched")
KINDS = {  # of data sets: `{name}` is the set, `{of}` and `{volume}` are what it names
    "gan": "images of `{name}`",
    "copy_paste": "real images with pasted objects",
    "bent": "bent real images",
    "copies": "the same real images again",
    "mismatched": "images of `{of}` with the masks of others",
    "volume": "images of the volume `{volume}`",
}


def arm_text(arm, data_sets):
    """{sets, then, switch, variant} -> "half real, half images of ..."; data_sets: {name: {kind, ...}}."""
    text = _mixture(arm["sets"], data_sets)
    if arm.get("then"):
        switch = f"from {100 * arm['switch']:g} % of the steps on"
        text = f"first {text}, {switch} {_mixture(arm['then'], data_sets)}"
    return f"{text}; variant `{arm['variant']}`" if arm.get("variant") else text


def arms_in_words(arms, data_sets):
    """{name: arm_text} of all arms."""
    return {name: arm_text(arm, data_sets) for name, arm in arms.items()}


def learns_from(arm, data_sets, kinds):
    """Whether an arm learns from a data set of one of these kinds, at any time."""
    return any(name in data_sets and data_sets[name]["kind"] in kinds for name in _sets(arm))


def generated_arms(arms, data_sets):
    """The names of the arms that learn from what a generator painted, but for controls: the question's."""
    return [
        name
        for name, arm in arms.items()
        if learns_from(arm, data_sets, GENERATED) and not learns_from(arm, data_sets, CONTROLS)
    ]


def _sets(arm):
    return dict.fromkeys([*arm["sets"], *(arm.get("then") or {})])


def _mixture(sets, data_sets):
    """Shares of data sets, the largest first, real images before others of the same share."""
    ordered = sorted(sets.items(), key=lambda item: (-item[1], item[0] != REAL))
    if len(ordered) == 1:
        return f"{_images(ordered[0][0], data_sets)} alone"
    return ", ".join(
        f"{_share(share)} {REAL if name == REAL else _images(name, data_sets)}" for name, share in ordered
    )


def _images(name, data_sets):
    if name == REAL:
        return "real images"
    data_set = data_sets[name]
    return KINDS[data_set["kind"]].format(name=name, of=data_set.get("of"), volume=data_set.get("volume"))


def _share(share):
    near = min(SHARES, key=lambda word: abs(word - share))
    return SHARES[near] if abs(near - share) < NEAR else f"{100 * share:.3g} %"

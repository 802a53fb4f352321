"""Arms in words: what a U-Net learnt from, for someone who has not read the config."""

from fractions import Fraction

from synthem.metrics.definitions import CONTROLS
from synthem.storage.naming import BASE, REAL

SHARES = {
    Fraction(1, 4): "a quarter",
    Fraction(1, 3): "a third",
    Fraction(1, 2): "half",
    Fraction(2, 3): "two thirds",
    Fraction(3, 4): "three quarters",
}
NEAR = 0.005  # a share so near to one of SHARES has its word: 0.33 is a third
KINDS = {  # of data sets: `{name}` is the set, `{of}` and `{volume}` are what it names
    "gan": "images of `{name}`",
    "copy_paste": "real images with pasted objects",
    "bent": "bent real images",
    "copies": "the same real images again",
    "mismatched": "images of `{of}` with the masks of others",
    "volume": "images of the volume `{volume}`",
}


def arm_text(arm):
    """{sets, then, switch, variant, data_sets: {name: {kind, ...}}} -> "half real, half images of ..."."""
    text = _mixture(arm["sets"], arm["data_sets"])
    if arm["then"]:
        switch = f"from {100 * arm['switch']:g} % of the steps on"
        text = f"first {text}, {switch} {_mixture(arm['then'], arm['data_sets'])}"
    return f"{text}; variant `{arm['variant']}`" if arm["variant"] not in ("", BASE) else text


def arms_in_words(arms):
    """{name: arm_text} of all arms."""
    return {name: arm_text(arm) for name, arm in arms.items()}


def generated_arms(arms):
    """The names of the arms that learn from what a generator painted, but for controls: the question's."""
    controls = controls_of(arms)
    return [name for name, arm in arms.items() if "gan" in _kinds(arm) and name not in controls]


def controls_of(arms):
    """{name: kind} of the arms that are controls: of one of CONTROLS, with real slices or without.

    arms {name: {data_sets, ...}}. `config.arms` refuses what learns from anything else besides.
    """
    found = {name: [kind for kind in CONTROLS if kind in _kinds(arm)] for name, arm in arms.items()}
    return {name: kinds[0] for name, kinds in found.items() if kinds}


def _kinds(arm):
    return [data_set["kind"] for data_set in arm["data_sets"].values()]


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
    return KINDS[data_set["kind"]].format(name=name, of=data_set["of"], volume=data_set["volume"])


def _share(share):
    near = min(SHARES, key=lambda word: abs(word - share))
    return SHARES[near] if abs(near - share) < NEAR else f"{100 * share:.3g} %"

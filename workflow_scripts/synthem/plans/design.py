"""What a study can find: its power before it is run, and whether it can find anything at all."""

from synthem.comparison import planning
from synthem.comparison.arms import CONTROLS
from synthem.errors import SynthemError

POWER = 0.8  # that is called enough


def hopeless(config, tests=None):
    """The problem of a study that can never say "helps", whatever comes out; None where it can.

    tests {target: its test slices}, where they are known. A study of the reference alone asks nothing, and
    one with study.explore is not meant to answer.
    """
    study = config["study"]
    if study["explore"] or len(study["arms"]) < 2:
        return None
    blocks = min((planning.prior(count)[1] for count in (tests or {}).values()), default=planning.FEWEST)
    why = planning.never_helps(
        replicates=study["replicates"], blocks=blocks, planned_replicates=study["replicates"]
    )
    if not why:
        return None
    few = study["replicates"] < planning.FEWEST
    fix = (
        f"set study.replicates to {planning.FEWEST} or more"
        if few
        else "raise split.test, or label more slices"
    )
    return SynthemError(
        "CONFIG_CONTRADICTION",
        "study.replicates" if few else "split.test",
        f"this design can never say that an arm helps: {why}",
        expected="a study that can answer",
        fix=f"{fix}; or set study.explore to true, to look without an answer",
    )


def family_of(config):
    """How many comparisons with the reference a target has: Holm's correction widens each for the others.

    Controls, which ask nothing, are not among them.
    """
    study, arms = config["study"], config["arms"]
    controls = {name for name, data_set in config["data_sets"].items() if data_set["kind"] in CONTROLS}
    asking = [
        arm
        for arm in study["arms"]
        if arm != study["reference"] and not controls & {*arms[arm]["sets"], *arms[arm]["then"]}
    ]
    return max(1, len(asking) * len(config["labels"]["budgets"]))


def outlook(config, *, test_slices, earlier=None):
    """What a study can find on a target with so many test slices; None: of no number where it can find
    nothing.

    earlier: (Components of the variance, blocks) of an earlier run; else what `planning.prior` takes them
    for.
    """
    known, blocks = earlier or planning.prior(test_slices)
    study, comparison = config["study"], config["comparison"]
    replicates, effect = study["replicates"], comparison["smallest_effect"]
    design = {"blocks": blocks, "confidence": comparison["confidence"]}
    design |= {"family": family_of(config), "seeds": study["seeds"]}
    own = design | {"replicates": replicates, "planned_replicates": replicates}
    smallest = {key: value for key, value in own.items() if key != "confidence"}
    return {
        "replicates": replicates,
        "test_slices": test_slices,
        "blocks": blocks,
        "family": design["family"],
        "smallest_effect": effect,
        "confidence": comparison["confidence"],
        "never_helps": planning.never_helps(
            replicates=replicates, blocks=blocks, planned_replicates=replicates
        ),
        "power": planning.power(known, effect=effect, **own),
        "detectable": planning.detectable(known, wanted=POWER, **own),
        "smallest_p": planning.expected_p(known, effect=1.0, **smallest),
        "needed_replicates": planning.needed_replicates(
            known, effect=effect, wanted=POWER, planned_replicates=None, **design
        ),
        "rests_on": "an earlier run here" if earlier else "what other runs had (docs/results.md)",
    }

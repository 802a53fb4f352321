"""What a study can find, before it is run."""

from synthem.comparison import planning
from synthem.comparison.arms import REAL, controls_of
from synthem.comparison.layout import pooled_components

POWER = 0.8  # that is called enough


def blocks_of(tests):
    """{target: (test slices, blocks of them that count as independent)} of {target: test slices}."""
    return {name: (slices, planning.prior(slices)[1]) for name, slices in tests.items()}


def asking(config):
    """The arms that a study asks about: not the reference, and not controls, which ask nothing."""
    study, data_sets, learnt = config["study"], config["data_sets"], {}
    for name in study["arms"]:
        sets = {**config["arms"][name]["sets"], **config["arms"][name]["then"]}
        learnt[name] = {"data_sets": {one: data_sets[one] for one in sets if one != REAL}}
    controls = controls_of(learnt)
    return [arm for arm in study["arms"] if arm != study["reference"] and arm not in controls]


def family_of(config):
    """How many comparisons with the reference a target has: Holm's correction widens each for the others."""
    return len(asking(config)) * len(config["labels"]["budgets"])


def outlook(config, targets):
    """What a study can find on a target, or on several as strata of one; None: of no number where it can find
    nothing. Of a study that asks nothing only its size.

    targets: [(test slices, earlier)], where earlier is (Components of the variance, blocks) of an earlier
    run, else None: then they are taken for what `planning.prior` has, which is of an IoU. Of several strata
    replicates are taken to share nothing: what they do share, the study finds less by.
    """
    earlier = [found for _, found in targets]
    if config["comparison"]["endpoint"] == "voi" and None in earlier:
        return {"unknown": "nobody knows how much VOI differs by chance before a first run"}
    study, comparison, family = config["study"], config["comparison"], family_of(config)
    replicates, effect = study["replicates"], comparison["smallest_effect"]
    known, blocks = _pooled(targets, replicates)
    size = {"replicates": replicates, "test_slices": sum(slices for slices, _ in targets)}
    size |= {"blocks": blocks, "family": family}
    if not family:
        return size
    design = {"blocks": blocks, "confidence": comparison["confidence"]}
    design |= {"family": family, "seeds": study["seeds"]}
    planned = study["planned"]
    own = design | {"replicates": replicates, "planned_replicates": planned}
    smallest = {key: value for key, value in own.items() if key != "confidence"}
    return size | {
        "smallest_effect": effect,
        "confidence": comparison["confidence"],
        "never_helps": planning.never_helps(replicates=replicates, blocks=blocks, planned_replicates=planned),
        "power": planning.power(known, effect=effect, **own),
        "power_of_one": planning.power(known, effect=effect, **own | {"family": 1}),
        "detectable": planning.detectable(known, wanted=POWER, **own),
        "smallest_p": planning.expected_p(known, effect=1.0, **smallest) if replicates > 1 else None,
        "needed_replicates": planning.needed_replicates(
            _pooled(targets)[0], effect=effect, wanted=POWER, planned_replicates=None, **design
        ),
        "rests_on": "guesses, until a run here shows it" if None in earlier else "an earlier run here",
    }


def _pooled(targets, *replicates):
    """(Components, blocks) of targets as one: of earlier runs, or as expected of so many replicates."""
    parts = [found or planning.prior(slices, *replicates) for slices, found in targets]
    return pooled_components(parts), sum(count for _, count in parts)

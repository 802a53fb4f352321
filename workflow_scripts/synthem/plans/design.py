"""What a study can find, before it is run."""

from synthem.comparison import planning
from synthem.comparison.arms import controls_of
from synthem.comparison.layout import pooled_components
from synthem.storage.naming import REAL

EARLIER = "an earlier run here"  # what a plan may rest on


def independent_blocks(tests):
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


def family_size(config):
    """How many comparisons with the reference a target has: Holm's correction widens each for the others."""
    return len(asking(config)) * len(config["labels"]["budgets"])


def outlook(config, targets, together=None):
    """Numbers of what a study can find on a target, or on several as strata of one.

    A number is None where nothing can be found; a study that asks nothing has its size alone. targets: [(test
    slices, earlier)], where earlier is (Components of the variance, blocks, replicates) of an earlier run,
    which say what the variance may be (`planning.possible_components`), else None: then `planning.prior` is
    taken, which is of an IoU. Of several strata replicates are taken to share nothing: what they do share,
    the study finds less by; together: of an earlier run on all of them as one, with what they shared.
    """
    earlier = [together] if together else [found for _, found in targets]
    if config["comparison"]["endpoint"] == "voi" and None in earlier:
        return {"unknown": "nobody knows how much VOI differs by chance before a first run"}
    study, comparison, family = config["study"], config["comparison"], family_size(config)
    replicates, effect, planned = study["replicates"], comparison["smallest_effect"], study["planned"]
    known, blocks = together[:2] if together else _pooled(targets, replicates)
    size = {"replicates": replicates, "test_slices": sum(slices for slices, _ in targets)}
    size |= {"blocks": blocks, "family": family}
    if not family:
        return size
    spread, (of_new, new_blocks) = known, _pooled(targets)
    if None not in earlier:
        new_blocks = blocks
        spread = of_new = _possible(known, blocks, min(ran for *_, ran in earlier), targets, config)
    design = {"confidence": comparison["confidence"], "family": family, "seeds": study["seeds"]}
    own = design | {"blocks": blocks, "replicates": replicates, "planned_replicates": planned}
    smallest = {key: value for key, value in own.items() if key != "confidence"}
    anew = design | {"blocks": new_blocks, "planned_replicates": None}
    spreads = replicates > 1 and blocks > 1  # of one alone nobody knows how much the next differs
    return size | {
        "smallest_effect": effect,
        "confidence": comparison["confidence"],
        "never_helps": planning.never_helps(replicates=replicates, blocks=blocks, planned_replicates=planned),
        "power": planning.power(spread, effect=effect, **own),
        "power_of_one": planning.power(spread, effect=effect, **own | {"family": 1}),
        "detectable": planning.detectable(spread, **own),
        "smallest_p": planning.expected_p(known, effect=1.0, **smallest) if spreads else None,
        "needed_replicates": planning.needed_replicates(of_new, effect=effect, **anew),
        "rests_on": EARLIER if None not in earlier else "guesses, until a run here shows it",
    }


def _pooled(targets, *replicates):
    """(Components, blocks) of targets as one: of earlier runs, or as expected of so many replicates."""
    parts = [found[:2] if found else planning.prior(slices, *replicates) for slices, found in targets]
    return pooled_components(parts), sum(count for _, count in parts)


def _possible(known, blocks, replicates, targets, config):
    """What the variance may be, as `statistics` reckons it from one study; no prior is of scores in bits."""
    in_bits = config["comparison"]["endpoint"] == "voi"
    expected = None if in_bits else _pooled([(slices, None) for slices, _ in targets])
    sizes = {"replicates": replicates, "blocks": blocks, "seeds": config["study"]["seeds"]}
    return planning.possible_components(known, expected=expected, **sizes)

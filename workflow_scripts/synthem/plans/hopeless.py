"""Studies that can never say "helps": an error before any training, unless they are meant to explore.

And studies that plan fewer replicates than they ask for at once: a warning.
"""

from pathlib import Path

from synthem.comparison.designs import FEWEST, never_helps
from synthem.errors import SynthemError
from synthem.storage.naming import count_text


def hopeless(config):
    """The problem of a study that is to answer and has too few replicates; None of any other."""
    replicates, planned = (config["study"][name] for name in ("replicates", "planned"))
    if not is_to_answer(config):
        return None
    why = never_helps(replicates=replicates, blocks=FEWEST, planned_replicates=planned)
    fix = f"set study.replicates to {max(FEWEST, planned)} or more"
    return _never("study.replicates", why, fix) if why else None


def is_to_answer(config):
    """Whether a study compares anything, and is not meant to explore alone."""
    return not config["study"]["explore"] and len(config["study"]["arms"]) > 1


def unplanned(config, tables):
    """A warning where more replicates than planned begin before any result was seen; "" for other studies.

    tables: the folder results/tables. A study that has a table of comparisons and grows is as it should be:
    its plan stays what it was.
    """
    study = config["study"]
    replicates, planned = study["replicates"], study["planned"]
    seen = any((Path(tables) / target / "comparison.csv").exists() for target in config["targets"])
    if replicates <= planned or seen or len(study["arms"]) == 1:
        return ""
    return (
        f"WARNING study.replicates is {replicates} and study.planned {planned}: those beyond the plan count "
        "as looks at the result, which finds far less than a plan of all. There is no result yet. Set both: "
        f"study: {{replicates: {replicates}, planned: {replicates}}}"
    )


def too_short(blocks):
    """The problem of the first target whose test block is too short for any verdict; None of none.

    blocks {target: (its test slices, the blocks of them that count as independent)}.
    """
    for name, (slices, count) in blocks.items():
        why = never_helps(replicates=FEWEST, blocks=count, planned_replicates=FEWEST)
        if why:
            fix = "raise split.test, label more slices"
            return _never(
                f"split.test of {name}",
                f"{count_text(slices, 'test slice')} {'is' if slices == 1 else 'are'} {why}",
                fix,
            )
    return None


def _never(where, why, fix):
    return SynthemError(
        "CONFIG_CONTRADICTION",
        where,
        f"this design can never say that an arm helps: {why}",
        expected="a study that can answer",
        fix=f"{fix}, or set study.explore to true, to look without an answer",
    )

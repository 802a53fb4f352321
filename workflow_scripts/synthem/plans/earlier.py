"""What earlier runs in the same folder show: how long trainings took, and what scores vary with."""

from pathlib import Path
from statistics import fmean

from synthem.comparison.layout import Components
from synthem.config.kinds import chosen
from synthem.config.labels import validated_as_it_acts
from synthem.errors import SynthemError
from synthem.plans.design import asking
from synthem.runs.record import seconds_of, spent_on
from synthem.storage.files import read_json
from synthem.storage.tables import read_table

ALIKE = ("structure", "split", "phantoms", "unets", "metrics")  # in two runs whose differences vary alike


def earlier_trainings(training, folder):
    """Seconds of every finished training with these settings, in the folder results/."""
    found, results = [], Path(folder) / training.section
    for path in sorted(results.glob(f"{training.folders}/provenance.json")):
        place = path.parent.relative_to(results)
        settings = _read(path).get("settings", {})
        recorded, planned = (
            chosen(_as_validated(part, settings.get("labels")))
            for part in (settings.get(training.section), training.settings)
        )
        # A rule records the parts of its section that change its training.
        if recorded and all(planned.get(key) == part for key, part in recorded.items()):
            benchmarks = Path(folder) / "benchmarks"
            found += spent_on(benchmarks / training.rule / f"{place}.tsv", benchmarks)
    return found


def _as_validated(part, draw):
    """The section of a training that drew these labels (None: it drew none), as it was validated."""
    validates = draw and part and "validation" in part["training"]
    return validated_as_it_acts(part, draw) if validates else part


def earlier_jobs(rule, folder):
    """Seconds of every job of a rule."""
    benchmarks = (Path(folder) / "benchmarks" / rule).rglob("*.tsv")
    return [seconds for path in sorted(benchmarks) for seconds in seconds_of(path)]


def earlier_variance(config, targets, folder):
    """(Components, blocks, replicates) of the differences of a target, or of several as one; None of none.

    The mean over what was compared. Another split, other files or other U-Nets have other differences: they
    say nothing of this study.
    """
    if not all(_same_study(config, target, folder) for target in targets):
        return None
    place = targets[0] if len(targets) == 1 else ""
    path = Path(folder) / "tables" / place / "components.csv"
    try:
        rows = read_table(path) if path.is_file() else []
    except SynthemError:
        return None
    own, wanted = asking(config), (" + ".join(targets), config["comparison"]["endpoint"])
    rows = [row for row in rows if (row["volume"], row["endpoint"]) == wanted and row["arm"] in own]
    parts = {
        name: [row["variance"] for row in rows if row["component"] == name] for name in Components._fields
    }
    blocks, replicates = (
        [row["n"] for row in rows if row["component"] == name] for name in ("blocks", "replicates")
    )
    if not blocks:
        return None
    means = {name: fmean(values) if values else 0.0 for name, values in parts.items()}
    count = round(fmean(blocks))
    # Where slices are alike blocks are few and add much: the mean is one of what all blocks of a row add.
    means["blocks"] = count * fmean(one / n for one, n in zip(parts["blocks"], blocks, strict=True))
    return Components(**means), count, round(fmean(replicates))


def _same_study(config, target, folder):
    recorded = _read(Path(folder) / "report" / target / "provenance.json").get("config", {})
    return (
        all(chosen(recorded.get(key)) == chosen(config[key]) for key in ALIKE)
        and recorded["volumes"].get(target) == config["volumes"][target]
    )


def _read(path):
    """What is in a provenance.json; {} where it cannot be read: a plan is no reason to stop."""
    try:
        return dict(read_json(path))
    except (SynthemError, TypeError, ValueError):
        return {}

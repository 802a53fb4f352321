"""The record of a whole run, for the report: versions, machine, settings, networks, durations."""

import csv
import io
import os
import platform
from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

from synthem.errors import SynthemError, reading
from synthem.runs.places import belongs_to
from synthem.storage.files import read_json
from synthem.storage.named_files import started_by_content
from synthem.storage.provenance import settings_hash, versions
from synthem.storage.release import in_a_line, this_synthem
from synthem.storage.sessions import session_seconds

# Where the settings of a network stand in its provenance, and which part of the path names arm or variant,
# behind which the budget stands.
NAMED = {"train_unet": ("unets", -5), "train_gan": ("gans", -4)}


def run_record(*, networks, config, content, benchmarks, run):
    """Versions, machine, settings, the origin of every network, and how long each rule took.

    content {volume: hash of the user's files of it}; run: as `belongs_to` takes it.
    """
    origins = {str(path): read_json(path) | {"finished": date_of(path)} for path in networks}
    return {
        "synthem": this_synthem() | _other_releases(origins.values()),
        "versions": versions()
        | {name: v for origin in origins.values() for name, v in origin["versions"].items()},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "devices": sorted({origin["device"] for origin in origins.values()}),
        "durations": durations(benchmarks, run),
        "config": config,
        "config_hash": settings_hash(config),
        "content": content,
        "networks": origins,
    }


def refuse_other_settings(networks, expected):
    """An error where a network was trained with other settings than the run has.

    Snakemake makes such a network anew, unless its own record of it is lost: that of a network from before a
    cleared `.snakemake`, or of a disk that lost power. Arms would be compared that were trained unlike.
    networks: paths of provenance files; expected {"unets": {"arm/budget-8": settings, ...}, "gans": ...}.
    """
    others = []
    for path in map(Path, networks):
        origin = read_json(path)
        section, place = NAMED.get(origin["rule"], (None, 0))
        run = "/".join(path.parts[place : place + 2])
        if section and _settings_of(origin, section) != expected[section][run]:
            others.append(str(path.parent))
    if others:
        raise SynthemError(
            "FILE_READ",
            others[0],
            f"{len(others)} of {len(networks)} networks, this one among them, were not trained "
            "with the settings of this run; Snakemake's record of them is lost",
            expected="networks of this run",
            fix=f"run again after: rm -r {' '.join(others)}",
        )


def _settings_of(origin, section):
    """A section by which the network was trained; the user's file that it started from by its content."""
    settings = origin["settings"]
    return started_by_content(settings[section], settings.get("start_content", ""))


def _other_releases(origins):
    """The versions of Synthem that trained the networks, where they are not this one."""
    trained_by = sorted({in_a_line(origin["synthem"]) for origin in origins})
    return (
        {"networks trained with": "; ".join(trained_by)} if trained_by != [in_a_line(this_synthem())] else {}
    )


def date_of(path):
    """When a file was written, in UTC. Files of equal runs have equal bytes, so none holds a date itself."""
    return datetime.fromtimestamp(os.stat(path).st_mtime, UTC).isoformat(timespec="seconds")


def durations(folder, run):
    """Per rule: jobs, seconds of all together, largest memory; from the files of Snakemake's `benchmark:`.

    Arms, replicates and targets that were removed since do not count. Only for reading: times differ
    from run to run, so nothing that is compared may depend on them.
    """
    table = []
    for rule in sorted(Path(folder).iterdir()):
        files = sorted(rule.rglob("*.tsv")) if rule.is_dir() else [rule]
        files = [file for file in files if belongs_to(run, file.relative_to(rule).as_posix())]
        files = [file for file in files if file.suffix == ".tsv" and file.stat().st_size]
        rows = [row for file in files for row in _rows_of(file)]
        memory = _numbers(row.get("max_rss") for row in rows)
        table.append(
            {
                "rule": rule.stem,
                "jobs": len(rows),
                "seconds": round(sum(seconds for file in files for seconds in spent_on(file, folder)), 1),
                "largest memory (MB)": round(max(memory, default=0)),
            }
        )
    return table


def spent_on(benchmark, benchmarks):
    """Seconds of the job of a file below the folder `benchmarks`, as a list: of a training, in all sessions.

    Snakemake writes the file anew for each attempt. The states of trainings, and with them the seconds of
    each session, lie in a folder beside, under the same names; where that was deleted, the last one is known.
    """
    seconds = seconds_of(benchmark)
    place = Path(benchmark).relative_to(benchmarks).with_suffix("")
    *before, last = session_seconds(Path(benchmarks).with_name("checkpoints") / place) or [0.0]
    # The last may be no session of this job: one that finds its training finished takes no step.
    return [sum(before) + max(seconds[0], last)] if len(seconds) == 1 else seconds


def seconds_of(benchmark):
    """Seconds of the jobs of one file of Snakemake's `benchmark:`; [] where it has none."""
    path = Path(benchmark)
    filled = path.is_file() and path.stat().st_size
    return _numbers(row.get("s") for row in _rows_of(path)) if filled else []


def _rows_of(benchmark):
    with reading(
        benchmark, expected="a benchmark file of Snakemake", damage=(OSError, ValueError, csv.Error)
    ):
        return list(csv.DictReader(io.StringIO(benchmark.read_text()), delimiter="\t"))


def _numbers(cells):
    """The finite numbers among the cells: a job that was too short to measure has `-` or `NA`."""
    found = []
    for cell in cells:
        with suppress(TypeError, ValueError):
            found.append(float(cell))
    return [value for value in found if isfinite(value)]

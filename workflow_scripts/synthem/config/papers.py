"""The page of a publication: which tables and figures of a run it is made of."""

from pathlib import Path

from synthem.config.messages import one_of, reference_error

WITHOUT = {"text": "", "figure": "", "table": {}, "caption": "", "unfair": "", "targets": []}
OF_TABLE = {"rows": {}, "where": {}, "last": 1, "published": ""}


def paper_filled_in(paper):
    """`paper` of the config with all keys of its parts."""
    parts = [WITHOUT | part for part in paper["parts"]]
    for part in parts:
        part["table"] = part["table"] and OF_TABLE | part["table"]
    return paper | {"parts": parts}


def paper_files(paper, targets):
    """Every table and figure of the page, below results/, each once."""
    files = [
        path
        for part in paper["parts"]
        for kind in ("table", "figure")
        for _, path in files_of_part(part, kind, targets)
    ]
    return list(dict.fromkeys(files))


def files_of_part(part, kind, targets):
    """[(target, path)] of the table or the figure of a part; "" stands for all targets together."""
    pattern = part["table"].get("file", "") if kind == "table" else part["figure"]
    if not pattern:
        return []
    own = (part["targets"] or targets) if "{volume}" in pattern else [""]
    return [(target, f"results/{kind}s/{pattern.replace('{volume}', target)}") for target in own]


def printed_file(name, home):
    """The CSV of what a publication printed, by its path or its name in the project; None without a name."""
    if not name:
        return None
    own = Path(home) / "presets/papers/published"
    for path in (Path(name), own / f"{name}.csv"):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in own.glob("*.csv")))
    raise reference_error(
        "paper.published", f"`{name}`, no such file", f"a CSV, or one of {known}", "correct it"
    )


def paper_contradictions(config):
    """A part names targets of the run."""
    for number, part in enumerate(config["paper"]["parts"]):
        for target in part.get("targets", ()):
            where = f"paper.parts.{number}.targets"
            yield from one_of(where, target, config["targets"], fix="name a target of this run")

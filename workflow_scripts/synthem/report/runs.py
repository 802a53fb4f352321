"""What every network was made from, so that each number leads to its settings, code, seed and machine."""

import hashlib
import html
import json

from synthem.report.blocks import folded, slug, table, word
from synthem.report.rendering import Html, block, together
from synthem.report.text import PARTS
from synthem.storage.naming import NUMBERED, run_of

OF_A_DRAW = ("budget", "replicate", "seed")  # settings that differ between the runs of one arm
SHORT = 12  # digits of a hash that are shown
WHAT_RAN = f"#{slug(PARTS['provenance'][0])}"  # the part of the page that says it of all networks


def short_hash(value):
    """The first digits of the sha256 of plain data, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]


def arm_links(networks):
    """{arm: address of the table of its networks}; networks {arm: the arm under whose name they lie}."""
    return {arm: f"#{_anchor('train_unet', own)}" for arm, own in networks.items()}


def traced(words, links):
    """Words above numbers, and links {text: address} to what these were made from."""
    shown = [block("link", to=to, text=text) for text, to in links.items()]
    return Html(" ".join([*([html.escape(words)] if words else []), *shown]))


def provenance_parts(record):
    """provenance.json as content of the page: the run, its networks by groups, the settings of each once."""
    whole = {"configuration": short_hash(record["config"]), "machine": record["machine"]}
    whole |= {"devices": ", ".join(record["devices"])}
    whole |= {f"Synthem {key}": value for key, value in record["synthem"].items()}
    groups, settings = {}, {}
    for path, origin in record["networks"].items():
        groups.setdefault((origin["rule"], _name(path)), []).append((path, origin))
        settings.setdefault(short_hash(_own(origin["settings"])), _own(origin["settings"]))
    return [
        facts(whole),
        *(_group(rule, name, runs) for (rule, name), runs in groups.items()),
        *(_settings(number, own) for number, own in settings.items()),
        folded("Time and memory of every rule", table(record["durations"])),
        folded("Versions of libraries", facts(record["versions"])),
        folded(f"Configuration {whole['configuration']}", _as_json(record["config"])),
    ]


def facts(values, *, caption=""):
    """{name: number or text} as a table of two columns."""
    return table([{"what": word(key), "value": value} for key, value in values.items()], caption=caption)


def _group(rule, name, runs):
    """The networks of one arm or variant: a line each."""
    rows = [
        {
            "labels used": str(run.budget) if run else "–",
            "replicate": str(run.replicate or "–") if run else "–",
            "seed": str(origin["settings"].get("seed", "–")),
            "settings": short_hash(_own(origin["settings"])),
            "code": origin["code"][:SHORT],
            "inputs": short_hash(origin["inputs"]),
            "device": origin["device"],
        }
        for path, origin in runs
        for run in [run_of(path) if NUMBERED.search(path) else None]
    ]
    links = {row["settings"]: f"#settings-{row['settings']}" for row in rows}
    content = together([block("heading", text=f"{word(rule)}: {name}"), table(rows, links=links)])
    return block("anchored", id=_anchor(rule, name), content=content)


def _settings(number, own):
    """Settings that several networks share, where the links of their lines lead."""
    return folded(f"Settings {number}", block("anchored", id=f"settings-{number}", content=_as_json(own)))


def _own(settings):
    return {key: value for key, value in settings.items() if key not in OF_A_DRAW}


def _name(path):
    """Of `results/unets/v/mixed/budget-3/...` or `results/membranes/v/base/provenance.json`."""
    return run_of(path).name if NUMBERED.search(path) else "/".join(path.split("/")[-3:-1])


def _anchor(rule, name):
    return f"run-{slug(rule)}-{name}"


def _as_json(value):
    return block("listing", text=json.dumps(value, indent=1, ensure_ascii=False, default=str))

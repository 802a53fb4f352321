"""What a run needs beside its target: membranes from somewhere, other networks, other volumes."""

import re

# Networks of these kinds are trained on a volume of their own, and others may start from them.
OTHERS = re.compile(r"results/(membranes|pretraining|gans)/([^/]+)/(?:fraction-[^/]+/)?network[.]pt")


def uses_synthetic(config):
    """Whether any arm of the experiment learns from synthetic images."""
    return any("synthetic" in config["arms"].get(arm, []) for arm in config["experiment"]["arms"])


def membranes_from(config, entries):
    """Whose membranes the generator of the target paints on: `target`, `source` by a network, or `none`.

    entries: {name: volume, filled in}. A target with a mask of its membranes needs no network.
    """
    if not uses_synthetic(config) or "membrane" not in config["gans"]["sees"]:
        return "none"
    return "target" if "membrane" in entries.get(config["target"], {}).get("masks", {}) else "source"


def other_networks(config, entries):
    """[(kind, volume)] of the networks that a run trains for others to use; kinds are those of OTHERS."""
    waiting = [config["unets"]["training"]["start"]["from"]]
    if uses_synthetic(config):
        waiting.append(config["gans"]["training"]["start"]["from"])
    if membranes_from(config, entries) == "source":
        waiting.append(membrane_network(config))
    found = []
    while waiting:
        named = OTHERS.fullmatch(waiting.pop(0))
        if named and named.groups() not in found:
            found.append(named.groups())
            waiting += _needed_by(config, named[1])
    return found


def membrane_network(config):
    """The network that learns membranes on the source."""
    return f"results/membranes/{config['source']}/network.pt"


def volumes_of(config, entries):
    """The names of all volumes that a run reads, the target last."""
    others = dict.fromkeys(name for _, name in other_networks(config, entries))
    return [*(name for name in others if name != config["target"]), config["target"]]


def masks_beside(config, entry):
    """The masks that a membrane network sees beside the image: the structure, where its volume has it."""
    structure, own = config["structure"], entry["validation"] or entry
    known = structure in entry["masks"] and structure in own["masks"]
    return [structure] if known and "structure" in config["membranes"]["sees"] else []


def _needed_by(config, kind):
    """The files of networks that one of this kind starts from, or learns from."""
    section = config[kind]
    named = [section["training"]["start"]["from"]]
    if kind == "pretraining":
        word = section["semantics"]
        named.append(membrane_network(config) if word == "encoder" else word)
    return named

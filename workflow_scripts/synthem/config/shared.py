"""Networks that somebody shared (`apply.networks`): what their cards say becomes the config for them."""

from typing import NamedTuple

from synthem.config.applying import files_of_networks
from synthem.config.checking import violations
from synthem.config.depth import ONE_SLICE, sees_slices
from synthem.config.messages import value_error
from synthem.config.study import merged
from synthem.errors import SynthemError
from synthem.networks.registry import SEGMENTERS
from synthem.sharing.headers import EXPECTED, FIX, card_in
from synthem.storage.files import check_named

# Of a card: networks whose probabilities are averaged have all of this in common.
ALIKE = ("kind", "arguments", "target", "inference", "watershed", "voxel_size_nm", "segments")
OF_CARDS = ("unets.", "inference.", "watershed.")  # what a card says is a part of these
SIZES = ("in_channels", "out_channels")  # arguments of every segmenter, which no config has


class Shared(NamedTuple):
    """Networks under one name of `apply.networks`."""

    files: list
    settings: dict  # the whole config, with the sections of which a card tells as the card has them
    tuned: list  # of each file: what `watershed.tuning.tune` found for it
    voxel_size_nm: list  # that they have learnt on
    channels: int  # of the image
    segments: str


def shared_networks(config, schema, named):
    """{name: Shared} of all that `apply.networks` names.

    named: the part of the config that somebody wrote. What it says of `inference` wins over a card: another
    machine may need smaller tiles.
    """
    own = {key: config["inference"][key] for key in named.get("inference", {})}
    networks = files_of_networks(config)
    found = {name: _shared(files, config, schema, own) for name, files in networks.items()}
    for name, one in found.items():
        _refuse_resampled(name, one, config["apply"]["stacks"])
    return found


def _shared(files, config, schema, own):
    cards = []
    for path in files:
        check_named(path)
        cards.append(card_in(path))
    first, *others = cards
    try:
        for path, card in zip(files[1:], others, strict=True):
            _refuse_unlike(path, card, files[0], first)
        settings = settings_under(first, config, own)
        known = {
            "tuned": [{"settings": _numbers(card["instances"]["settings"])} for card in cards],
            "voxel_size_nm": [float(size) for size in first["voxel_size_nm"]],
            "channels": first["image"]["channels"],
            "segments": first["segments"],
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # Written by hand, or by a version of this workflow that shared less.
        lacks = f"its card lacks {error}" if isinstance(error, KeyError) else f"its card: {error}"
        raise _no_network(files[0], lacks) from error
    for problem in violations(settings, schema):
        if problem.where.startswith(OF_CARDS):  # volumes are filled in already
            raise _no_network(files[0], f"its card has {problem.where}: {problem.found}")
    return Shared(files, settings, **known)


def settings_under(card, config, own):
    """The config with network, target, inference and watershed of a card. own: of `inference`, what wins."""
    kind, watershed = card["kind"], _said(card, "watershed")
    if kind not in SEGMENTERS:
        raise ValueError(f"a network `{kind}`, which is none of {', '.join(SEGMENTERS)}")
    options = {key: value for key, value in card["arguments"].items() if key not in SIZES}
    # `kinds.chosen` has emptied lists in whose place a word stands: the config has its own of them.
    method = {key: value for key, value in watershed["settings"].items() if value != []}
    network = {"kind": kind} | ({kind: options} if options else {})
    # That other networks see one slice is nothing a config can say: `depth.inference_of` does.
    silent = () if sees_slices(network) else ONE_SLICE
    inference = {key: value for key, value in card["inference"].items() if key not in silent}
    return merged(
        config,
        {
            "unets": {"network": network, "target": card["target"]},
            "inference": inference | own,
            "watershed": {
                "method": watershed["method"],
                "tune_by": watershed["tune_by"],
                "median_slices": watershed["median_slices"],
                watershed["method"]: method,
            },
        },
    )


def _numbers(settings):
    return {name: float(value) for name, value in settings.items()}


def _said(card, key):
    """What a card says under a key; what older versions knew nothing of, as they did it."""
    return {"median_slices": 1} | card[key] if key == "watershed" else card[key]


def _refuse_unlike(path, card, first_path, first):
    for key in ALIKE:
        own, other = _said(card, key), _said(first, key)
        if own != other:
            found = f"its {key.replace('_', ' ')} is {own}, and {other} in {first_path}"
            fix = "give them names of their own below apply.networks"
            raise SynthemError("NETWORK_FILE", path, found, expected="networks of one kind", fix=fix)


def _refuse_resampled(name, shared, stacks):
    resampled = [stack for stack, entry in stacks.items() if entry["resample"]]
    if resampled and shared.settings["unets"]["target"]["kind"] == "affinities":
        found = f"true, with `{name}`, which has learnt affinities, of pixels as it has learnt them"
        fix = "give the stack with pixels of their size"
        raise value_error(f"apply.stacks.{resampled[0]}.resample", found, "false", fix)


def _no_network(path, found):
    return SynthemError("NETWORK_FILE", path, found, expected=EXPECTED, fix=FIX)

"""Values of `membranes` and `unets` that contradict each other."""

from synthem.config.entries import STACKS
from synthem.config.messages import value_error
from synthem.config.needs import other_networks
from synthem.errors import SynthemError

SECTIONS = ("membranes", "unets")
OPTIONS = {"kaiming": "unet", "isotropic": "unet3d", "max_pool": "unet3d"}


def segmenter_contradictions(config):
    for where in SECTIONS:
        network, training = config[where]["network"], config[where]["training"]
        yield from _depth(where, network)
        yield from _slices(where, network, training["patch_slices"])
        yield from _loss(where, training)
        yield from _start(where, network, training)
    yield from _semantics(config)
    if config["unets"]["network"]["name"] == "unet3d":
        yield from _in_space(config)
    loss = config["unets"]["training"]["loss"]
    if config["unets"]["target"]["kind"] != "mask" and loss["cldice"]:
        expected = "0: centre lines are those of a mask"
        found = f"{loss['cldice']:g} with the target {config['unets']['target']['kind']}"
        yield value_error("unets.training.loss.cldice", found, expected, "set it to 0")


def volume_contradictions(config, entries):
    """What networks need of the volumes, also of those whose layouts fill them in."""
    if not entries:
        return  # the schema has the words for that
    learners = [(name, "membranes") for kind, name in other_networks(config, entries) if kind == "membranes"]
    for name, where in [*learners, (config["target"], "unets")]:
        deep = config[where]["network"]["name"] == "unet3d"
        if deep and name in entries and entries[name]["tiles"]:
            fix = f"set {where}.network.name to unet"
            found = f"tiles, with unet3d in `{where}`"
            yield value_error(f"volumes.{name}.tiles", found, "slices that lie one upon the other", fix)
    name, kind = config["target"], config["unets"]["target"]["kind"]
    if kind != "mask" and name in entries:
        yield from _labels(name, entries[name], config["structure"], kind)


def _labels(name, entry, structure, kind):
    """What is made of labels needs them in all stacks of the volume."""
    stacks = {f"volumes.{name}": entry}
    stacks |= {f"volumes.{name}.{block}": entry[block] for block in STACKS if entry[block]}
    for where, stack in stacks.items():
        if structure not in stack["labels"]:
            found = f"no labels `{structure}` among {', '.join(stack['labels']) or 'none'}"
            expected = f"labels `{structure}`, of which unets.target.kind: {kind} is made"
            fix = "add them, or set unets.target.kind to mask"
            yield SynthemError("CONFIG_REFERENCE", f"{where}.labels", found, expected=expected, fix=fix)


def _depth(where, network):
    """The depth of `unet` is chosen, that of the others is not; options are of one network each."""
    name, depth = network["name"], network["depth"]
    if name not in ("unet", "unet3d", "boundless"):
        return
    if (name == "unet") != (depth > 0):
        expected = "at least 1" if name == "unet" else "0: its depth is fixed"
        yield value_error(f"{where}.network.depth", f"{depth} for `{name}`", expected, "change it")
    for option, owner in OPTIONS.items():
        if network[option] and name != owner:
            found = f"true for `{name}`"
            yield value_error(f"{where}.network.{option}", found, f"false: it is of {owner}", "change it")


def _slices(where, network, slices):
    key, found = f"{where}.training.patch_slices", f"{slices} for `{network['name']}`"
    if network["name"] == "unet3d" and slices == 1:
        yield value_error(key, found, "more than 1: it looks at several slices", "set it to 18, as paper 2")
    elif network["name"] in ("unet", "boundless") and slices > 1:
        fix = "set it to 1, or choose unet3d"
        yield value_error(key, found, "1: it sees one slice at a time", fix)


def layers_in(network):
    """How many layers can start from a file or be frozen in a network of the config."""
    return {"unet": 3 * network["depth"] + 2, "boundless": 17}.get(network["name"], 0)


def _start(where, network, training):
    """What is taken from another network, and what stays so: layers that there are."""
    count, name = layers_in(network), network["name"]
    for key, most in (("start_layers", count), ("freeze_layers", max(count - 1, 0))):
        if name in ("unet", "unet3d", "boundless") and training[key] > most:
            found = f"{training[key]} for `{name}`, which has {count or 'no'} layers to count"
            yield value_error(f"{where}.training.{key}", found, f"at most {most}", "lower it")
    if training["start_layers"] and not training["start_from"]:
        found, fix = (
            f"{training['start_layers']} without start_from",
            "name a file in start_from, or set it to 0",
        )
        yield value_error(f"{where}.training.start_layers", found, "0", fix)


def _semantics(config):
    """Pre-training may ask the membrane network, if that is flat and does not wait for pre-training."""
    if config["pretraining"]["semantics"] != "encoder":
        return
    key, membranes = "pretraining.semantics", config["membranes"]
    if membranes["network"]["name"] == "unet3d":
        found, fix = (
            "`encoder` with membranes.network.name `unet3d`",
            "set it to none, or choose another network",
        )
        yield value_error(key, found, "a network that sees one slice", fix)
    if membranes["training"]["start_from"].startswith("results/pretraining/"):
        found = "`encoder` of the membrane network, which starts from pre-training itself"
        yield value_error(key, found, "none", "set it to none, or membranes.training.start_from to empty")


def _loss(where, training):
    loss = training["loss"]
    if not any(loss[name] for name in ("bce", "dice", "cldice")):
        fix = "raise one of bce, dice, cldice"
        yield value_error(f"{where}.training.loss", "weights of 0 alone", "one above 0", fix)
    if loss["cldice"] and training["patch_slices"] > 1:
        found = f"{loss['cldice']:g} with patches of {training['patch_slices']} slices"
        expected, fix = "0: its centre lines are those of a slice", "set it to 0"
        yield value_error(f"{where}.training.loss.cldice", found, expected, fix)


def _in_space(config):
    """A network in 3-D needs slices that lie one upon the other; synthetic ones are drawn one by one."""
    for arm in config["experiment"]["arms"]:
        if "synthetic" in config["arms"].get(arm, []):
            found = f"`{arm}` uses synthetic slices, which do not form a volume, with unet3d"
            fix = "remove it, or set unets.network.name to unet"
            yield value_error("experiment.arms", found, "arms of real data alone", fix)

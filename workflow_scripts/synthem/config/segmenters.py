"""Values of `membranes` and `unets` that contradict each other."""

from synthem.config.depth import sees_slices
from synthem.config.entries import stacks_of
from synthem.config.messages import reference_error, value_error
from synthem.config.needs import other_networks
from synthem.storage.naming import BASE

SECTIONS = ("membranes", "unets")
LOSS_NAMES = ("bce", "dice", "cldice")  # weights of `training.loss`, of which one is above 0


def segmenter_contradictions(config):
    for where in SECTIONS:
        network, training = config[where]["network"], config[where]["training"]
        yield from _loss(where, network, training["loss"])
        yield from _start(where, network, training)
    yield from _semantics(config)
    loss = config["unets"]["training"]["loss"]
    if config["unets"]["target"]["kind"] != "mask" and loss["cldice"]:
        expected = "0: centre lines are those of a mask"
        found = f"{loss['cldice']:g} with the target {config['unets']['target']['kind']}"
        yield value_error("unets.training.loss.cldice", found, expected, "set it to 0")


def arm_contradictions(study, entries):
    """What the networks of the arms need of their data sets and of the volumes."""
    for name, arm in study.arms.items():
        settings = study.configs[arm.variant]["unets"]
        if sees_slices(settings["network"]):
            yield from _in_space(name, arm, study)
        for target in study.targets:
            if target not in entries:
                continue  # the schema has the words for that
            yield from _flat(target, entries[target], settings, f"the arm `{name}`")
            if settings["target"]["kind"] != "mask":
                structure = study.configs[BASE]["structure"]
                yield from _labels(target, entries[target], structure, settings["target"]["kind"])
    for kind, name, variant in other_networks(study, entries):
        if kind == "membranes" and name in entries and variant in study.configs:
            yield from _flat(name, entries[name], study.configs[variant]["membranes"], "`membranes`")


def _flat(name, entry, settings, whose):
    if sees_slices(settings["network"]) and entry["tiles"]:
        fix = "set its network.kind to unet"
        found = f"tiles, with {settings['network']['kind']} in {whose}"
        yield value_error(f"volumes.{name}.tiles", found, "slices that lie one upon the other", fix)


def _labels(name, entry, structure, kind):
    """What is made of labels needs them in all stacks of the volume."""
    for where, stack in stacks_of(name, entry).items():
        if structure not in stack["labels"]:
            found = f"no labels `{structure}` among {', '.join(stack['labels']) or 'none'}"
            expected = f"labels `{structure}`, of which unets.target.kind: {kind} is made"
            fix = "add them, or set unets.target.kind to mask"
            yield reference_error(f"{where}.labels", found, expected, fix)


def layers_in(network):
    """How many layers of a network can start from a file or be frozen, counted from the image on."""
    if network["kind"] == "unet":
        return 3 * network["unet"]["depth"] + 2
    return 17 if network["kind"] == "boundless" else 0


def _start(where, network, training):
    """What is taken from another network, and what stays so: layers that there are."""
    count = layers_in(network)
    start = training["start"]
    for key, most in (("layers", count), ("freeze_layers", max(count - 1, 0))):
        if start[key] > most:
            found = f"{start[key]} for `{network['kind']}`, which has {count or 'no'} layers to count"
            yield value_error(f"{where}.training.start.{key}", found, f"at most {most}", "lower it")
    if start["layers"] and not start["from"]:
        found, fix = f"{start['layers']} without a file", "name a file in start.from, or set it to 0"
        yield value_error(f"{where}.training.start.layers", found, "0", fix)


def _semantics(config):
    """Pre-training may ask the membrane network, if that is flat and does not wait for pre-training."""
    if config["pretraining"]["semantics"] != "encoder":
        return
    key, membranes = "pretraining.semantics", config["membranes"]
    if sees_slices(membranes["network"]):
        found = f"`encoder` with membranes.network.kind `{membranes['network']['kind']}`"
        fix = "set it to none, or choose another network"
        yield value_error(key, found, "a network that sees one slice", fix)
    if membranes["training"]["start"]["from"].startswith("results/pretraining/"):
        found = "`encoder` of the membrane network, which starts from pre-training itself"
        yield value_error(key, found, "none", "set it to none, or membranes.training.start.from to empty")


def _loss(where, network, loss):
    if not any(loss[name] for name in LOSS_NAMES):
        fix = f"raise one of {', '.join(LOSS_NAMES)}"
        yield value_error(f"{where}.training.loss", "weights of 0 alone", "one above 0", fix)
    if loss["cldice"] and sees_slices(network):
        found = f"{loss['cldice']:g} with {network['kind']}, whose patches have several slices"
        expected, fix = "0: its centre lines are those of a slice", "set it to 0"
        yield value_error(f"{where}.training.loss.cldice", found, expected, fix)


def _in_space(name, arm, study):
    """A network in 3-D needs slices that lie one upon the other; those that are made are made one by one."""
    kind = study.configs[arm.variant]["unets"]["network"]["kind"]
    flat = [one for one in arm.learns_from if study.data_sets[one]["kind"] != "volume"]
    if flat:
        found = f"`{flat[0]}`, whose slices do not form a volume, with {kind}"
        fix = "remove it, or set unets.network.kind to unet"
        yield value_error(f"arms.{name}.sets", found, "data sets of real volumes alone", fix)

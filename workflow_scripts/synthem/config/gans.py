"""Values of `gans` and `stylegan` that contradict each other."""

from synthem.config.kinds import options_of
from synthem.config.messages import value_error
from synthem.gans.growing import growth, steps_to_full_size


def gan_contradictions(config):
    gans = config["gans"]
    yield from _classes(gans)
    if gans["objective"]["kind"] == "real_or_fake":
        yield from _real_or_fake(gans, options_of(gans["objective"]))
    yield from _ada("gans", gans["diff_augment"])


def _classes(gans):
    """The discriminator oasis finds the class of each pixel; no other does, and it does nothing else."""
    kind, discriminator = gans["objective"]["kind"], gans["discriminator"]["kind"]
    if (kind == "classes") != (discriminator == "oasis"):
        expected = "oasis" if kind == "classes" else "any other, or gans.objective.kind: classes"
        fix = "set it to oasis" if kind == "classes" else "change one of the two"
        yield value_error(
            "gans.discriminator.kind", f"{discriminator} with gans.objective.kind: {kind}", expected, fix
        )


def _real_or_fake(gans, weights):
    where = "gans.objective.real_or_fake"
    if not (weights["condition"] or weights["l1_weight"] or weights["mode_seeking_weight"]):
        found = "false, without l1_weight and mode_seeking_weight: "
        found += "nothing asks for images that fit their masks"
        yield value_error(f"{where}.condition", found, "true, or such a weight", "set one of them")
    generator = options_of(gans["generator"])
    if weights["texture_weight"] and not (generator["noise_channels"] or generator.get("dropout")):
        key = f"gans.generator.{gans['generator']['kind']}.noise_channels"
        found, fix = "0 with texture_weight: grain has no source", "set it to 1, or texture_weight to 0"
        yield value_error(key, found, "at least 1", fix)
    if gans["training"]["compile"] and weights["r1_weight"]:
        found = f"true with r1_weight {weights['r1_weight']:g}: a slope of a slope is not compiled"
        yield value_error("gans.training.compile", found, "false", "set it to false, or r1_weight to 0")


def _ada(section, ada):
    if ada["ada_target"] and not ada["changes"]:
        found, fix = f"{ada['ada_target']:g} without changes", "set it to 0, or name changes"
        yield value_error(f"{section}.diff_augment.ada_target", found, "0", fix)


def stylegan_contradictions(config):
    """Images can only grow up to their size, and must have time for it."""
    stylegan = config["stylegan"]
    yield from _ada("stylegan", stylegan["diff_augment"])
    growing, size, steps = stylegan["progressive"], stylegan["network"]["size"], stylegan["training"]["steps"]
    first = growing["first_side"]
    if first > size:
        fix = "lower it, or raise stylegan.network.size"
        yield value_error("stylegan.progressive.first_side", f"{first}", f"at most the size, {size}", fix)
    elif first:
        needed = steps_to_full_size(growth(size=size, **growing))
        if steps <= needed:
            found = f"{steps}, but the images reach {size} pixels after {needed}"
            fix = "raise it, or lower stylegan.progressive.fade_steps or stable_steps"
            yield value_error("stylegan.training.steps", found, f"more than {needed}", fix)

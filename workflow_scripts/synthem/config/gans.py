"""Values of `gans`, `mask_generator` and `stylegan` that contradict each other."""

from synthem.config.kinds import options_of
from synthem.config.messages import value_error
from synthem.gans.growing import growth, steps_to_full_size
from synthem.storage.naming import BASE


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
    if weights["texture_weight"] and without_chance(gans["generator"]):
        key = f"gans.generator.{gans['generator']['kind']}.noise_channels"
        found, fix = "0 with texture_weight: grain has no source", "set it to 1, or texture_weight to 0"
        yield value_error(key, found, "at least 1", fix)
    if gans["training"]["compile"] and weights["r1_weight"]:
        found = f"true with r1_weight {weights['r1_weight']:g}: a slope of a slope is not compiled"
        yield value_error("gans.training.compile", found, "false", "set it to false, or r1_weight to 0")


def without_chance(generator):
    """Whether a generator, as `gans` has it, answers one mask with one image: no noise, no dropout."""
    options = options_of(generator)
    return bool(options) and not (options.get("noise_channels") or options.get("dropout"))


def _ada(section, ada):
    if ada["ada_target"] and not ada["changes"]:
        found, fix = f"{ada['ada_target']:g} without changes", "set it to 0, or name changes"
        yield value_error(f"{section}.diff_augment.ada_target", found, "0", fix)


def stylegan_contradictions(config):
    yield from _growing(config, "stylegan")
    target = config["stylegan"]["diff_augment"]["ada_target"]
    if target and config["stylegan"]["training"]["adversarial"] == "wasserstein":
        found = f"{target:g} with adversarial: wasserstein, whose scores call nothing real"
        yield value_error("stylegan.diff_augment.ada_target", found, "0", "set it to 0")


def mask_generator_contradictions(config):
    yield from _growing(config, "mask_generator")


def _growing(config, section):
    """Images can only grow up to their size, and must have time for it."""
    stylegan = config[section]
    yield from _ada(section, stylegan["diff_augment"])
    growing, size, steps = stylegan["progressive"], stylegan["network"]["size"], stylegan["training"]["steps"]
    first = growing["first_side"]
    if first > size:
        fix = f"lower it, or raise {section}.network.size"
        yield value_error(f"{section}.progressive.first_side", f"{first}", f"at most the size, {size}", fix)
    elif first:
        needed = steps_to_full_size(growth(size=size, **growing))
        if steps <= needed:
            found = f"{steps}, but the images reach {size} pixels after {needed}"
            fix = f"raise it, or lower {section}.progressive.fade_steps or stable_steps"
            yield value_error(f"{section}.training.steps", found, f"more than {needed}", fix)


def invented_mask_contradictions(study, entries):
    """Invented masks have a size of their own: patches of all who learn from their images must fit in."""
    for name in study.invented:
        variant = study.variant_of(name)
        maker = study.configs[variant]["mask_generator"]
        side = maker["scale"] * maker["network"]["size"]
        learning = [("gans", variant)]
        learning += [
            ("unets", arm.variant) for one, arm in study.arms.items() if name in study.generators_of(one)
        ]
        for section, settings in dict.fromkeys(learning):
            patch = study.configs[settings][section]["training"]["patch"]
            if patch > side:
                where = "" if variant == BASE else f"variants.{variant}."
                found = (
                    f"{maker['network']['size']}, times the scale {maker['scale']}, are {side} pixels for "
                )
                found += f"the masks of {name}, and {section}.training.patch is {patch}"
                expected = f"at least {patch} pixels"
                fix = f"raise it or mask_generator.scale, or lower {section}.training.patch"
                yield value_error(f"{where}mask_generator.network.size", found, expected, fix)

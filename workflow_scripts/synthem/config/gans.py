"""What contradicts itself in the section `gans`: systems have parts that go together."""

from synthem.config.messages import value_error
from synthem.gans.growing import growth, steps_to_full_size

# Not for the game of classes
OF_PATCHES = ("texture_weight", "mode_seeking_weight", "feature_matching_weight", "r1_weight")
WITHOUT_DROPOUT = ("resize_unet", "spade")


def gan_contradictions(config):
    gans = config["gans"]
    if gans["objective"]["adversarial"] == "classes" or gans["discriminator"]["name"] == "oasis":
        yield from _oasis(gans)
    else:
        yield from _real_or_fake(gans)
    yield from _networks(gans)
    yield from _ada("gans", gans["diff_augment"])
    yield from _compiled(gans)


def _oasis(gans):
    """The discriminator says what each pixel shows: everything else would be another game."""
    wanted, critic = gans["objective"], gans["discriminator"]
    if wanted["adversarial"] != "classes":
        found, fix = f"{wanted['adversarial']} with the discriminator oasis", "set it to classes"
        yield value_error("gans.objective.adversarial", found, "classes", fix)
    if critic["name"] != "oasis":
        found, fix = f"{critic['name']} with adversarial: classes", "set it to oasis"
        yield value_error("gans.discriminator.name", found, "oasis", fix)
    if wanted["condition"]:
        found, fix = "true with adversarial: classes", "set it to false: the masks are the right answers"
        yield value_error("gans.objective.condition", found, "false", fix)
    if critic["scales"] != 1:
        found, fix = f"{critic['scales']} with adversarial: classes", "set it to 1"
        yield value_error("gans.discriminator.scales", found, "1", fix)
    for weight in OF_PATCHES:
        if wanted[weight]:
            found = f"{wanted[weight]:g} with adversarial: classes"
            yield value_error(f"gans.objective.{weight}", found, "0", "set it to 0, or choose another game")


def _real_or_fake(gans):
    wanted = gans["objective"]
    if wanted["label_mix_weight"]:
        found, fix = (
            f"{wanted['label_mix_weight']:g} with adversarial: {wanted['adversarial']}",
            "set it to 0",
        )
        yield value_error("gans.objective.label_mix_weight", found, "0, it is for classes", fix)
    if not (wanted["condition"] or wanted["l1_weight"] or wanted["mode_seeking_weight"]):
        found = (
            "false, without l1_weight and mode_seeking_weight: nothing asks for images that fit their masks"
        )
        yield value_error("gans.objective.condition", found, "true, or such a weight", "set one of them")


def _networks(gans):
    generator, critic = gans["generator"], gans["discriminator"]
    if generator["name"] in WITHOUT_DROPOUT and generator["dropout"]:
        found, fix = (
            f"{generator['dropout']:g} with {generator['name']}",
            "set it to 0, and noise_channels above 0",
        )
        yield value_error("gans.generator.dropout", found, "0, it has none", fix)
    if gans["objective"]["texture_weight"] and not (generator["noise_channels"] or generator["dropout"]):
        found, fix = "0 with texture_weight: grain has no source", "set it to 1, or texture_weight to 0"
        yield value_error("gans.generator.noise_channels", found, "at least 1", fix)
    if (critic["name"] == "oasis") != (critic["depth"] > 0):
        expected = "at least 1" if critic["name"] == "oasis" else "0, its layers are fixed"
        found = f"{critic['depth']} with {critic['name']}"
        yield value_error("gans.discriminator.depth", found, expected, "change it")


def _compiled(gans):
    if gans["training"]["compile"] and gans["objective"]["r1_weight"]:
        found = f"true with r1_weight {gans['objective']['r1_weight']:g}: a slope of a slope is not compiled"
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

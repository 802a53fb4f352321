import pytest

from synthem.config.gans import gan_contradictions
from tests.shared.demo_config import DEMO, checked, edited, only_problem, problems
from tests.shared.gan_settings import SYSTEMS
from tests.shared.settings import DELETED
from tests.shared.settings import edited as changed
from tests.shared.stylegan_settings import EVERYTHING, STYLEGAN, WASSERSTEIN

OASIS = {
    "gans__generator__kind": "spade",
    "gans__discriminator__kind": "oasis",
    "gans__objective__kind": "classes",
}


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_every_system_of_the_papers_is_a_config(settings):
    gans = {"conditions": ["structure", "membrane"], "one_hot": False, **settings}
    for key in (
        "generator",
        "discriminator",
        "objective",
    ):  # with the options of all kinds, as in config.yaml
        gans[key] = DEMO["gans"][key] | gans[key]
    gans["training"] = {
        key: part for key, part in gans["training"].items() if key != "seed"
    }  # the replicate's
    checked(edited(gans=gans))


def test_oasis_is_a_config():
    checked(edited(**OASIS))


@pytest.mark.parametrize(
    "change, words",
    [
        (
            {"objective__kind": "real_or_fake"},
            "oasis with gans.objective.kind: real_or_fake (expected any other",
        ),
        ({"discriminator__kind": "patch70"}, "patch70 with gans.objective.kind: classes (expected oasis)"),
    ],
)
def test_classes_and_the_discriminator_that_finds_them_go_together(change, words):
    (line,) = problems(edited(**OASIS | {f"gans__{key}": value for key, value in change.items()}))
    assert line.startswith(f"ERROR CONFIG_VALUE gans.discriminator.kind: {words}")


def test_a_discriminator_has_no_moving_average():
    averages = DEMO["gans"]["training"]["optimisers"]["generator"]["ema"]
    line = only_problem(gans__training__optimisers__discriminator__ema=averages)
    assert line.startswith("ERROR CONFIG_KEY gans.training.optimisers.discriminator.ema: no such key")
    assert "one of learning_rate, betas, epsilon, schedule, clip_norm)" in line
    assert "did you mean `gans.training.optimisers.generator.ema`" in line


def test_a_variant_departs_in_how_a_discriminator_learns():
    """Of a variant nothing is required: no key of it is missing, and none is forbidden for that."""
    slower = {"discriminator": {"learning_rate": 0.0001}}
    config = edited(
        variants={"slow": {"gans": {"training": {"optimisers": slower}}}},
        data_sets__slow={"kind": "gan", "variant": "slow"},
        gallery__data_sets=["slow"],
    )
    checked(config)
    slower["discriminator"] = {"ema": {"decay": 0.9}}
    (line,) = problems(config)
    where = "variants.slow.gans.training.optimisers.discriminator.ema"
    assert line.startswith(f"ERROR CONFIG_KEY {where}: no such key")


def test_a_generator_has_one():
    line = only_problem(gans__training__optimisers__generator__ema=DELETED)
    assert line.startswith("ERROR CONFIG_KEY gans.training.optimisers.generator.ema: missing")


def test_a_kind_has_its_own_options_alone():
    for key, section in (
        ("generator__spade__dropout", "gans.generator.spade"),
        ("generator__resize_unet__dropout", "gans.generator.resize_unet"),
        ("discriminator__patch70__depth", "gans.discriminator.patch70"),
        ("discriminator__oasis__scales", "gans.discriminator.oasis"),
        ("objective__classes__condition", "gans.objective.classes"),
        ("objective__classes__r1_weight", "gans.objective.classes"),
        ("objective__real_or_fake__label_mix_weight", "gans.objective.real_or_fake"),
    ):
        (line,) = problems(edited(**{f"gans__{key}": 1}))
        assert line.startswith(f"ERROR CONFIG_KEY {section}.{key.split('__')[-1]}: no such key")


def test_options_of_kinds_that_are_not_chosen_contradict_nothing():
    checked(edited(gans__generator__pix2pix__depth=8))  # 256 pixels, twice the patch
    quiet = {"gans__objective__real_or_fake__condition": False, "gans__objective__real_or_fake__l1_weight": 0}
    checked(edited(**OASIS, **quiet))


@pytest.mark.parametrize(
    "change, value, words",
    [
        (
            "generator__resize_unet__noise_channels",
            0,
            "0 with texture_weight: grain has no source (expected at least 1)",
        ),
        ("diff_augment__ada_target", 0.6, "0.6 without changes (expected 0)"),
        ("discriminator__oasis__depth", 0, "0 (expected a whole number from 1 to 8)"),
        (
            "training__optimisers__generator__betas",
            [0.5],
            "a list of 1: [0.5] (expected a list of 2 numbers from 0, below 1)",
        ),
        ("diff_augment__changes", ["colour", "blur"], "text 'blur' (expected one of `colour`, `translation`"),
    ],
)
def test_values_of_gans_that_cannot_be_are_errors(change, value, words):
    (line,) = problems(edited(**{f"gans__{change}": value}))
    assert line.startswith(f"ERROR CONFIG_VALUE gans.{change.replace('__', '.')}") and words in line


def test_dropout_is_a_source_of_grain_too():
    checked(edited(gans__generator__kind="pix2pix"))
    line = only_problem(gans__generator__kind="pix2pix", gans__generator__pix2pix__dropout=0)
    assert line.startswith("ERROR CONFIG_VALUE gans.generator.pix2pix.noise_channels: 0 with texture_weight")


def test_a_generator_that_is_added_may_have_no_option_of_noise():
    theirs = DEMO["gans"] | {"generator": {"kind": "theirs", "theirs": {"base_width": 4}}}
    (problem,) = gan_contradictions({"gans": theirs})
    assert "gans.generator.theirs.noise_channels: 0 with texture_weight" in str(problem)


def test_something_must_ask_for_images_that_fit_their_masks():
    where = "gans__objective__real_or_fake"
    line = only_problem(**{f"{where}__condition": False, f"{where}__l1_weight": 0})
    assert "gans.objective.real_or_fake.condition: false, without l1_weight and mode_seeking_weight" in line
    checked(edited(**{f"{where}__condition": False}))


def test_a_slope_of_a_slope_is_not_compiled():
    line = only_problem(gans__training__compile=True, gans__objective__real_or_fake__r1_weight=1)
    assert line.startswith("ERROR CONFIG_VALUE gans.training.compile: true with r1_weight 1")


GROWING = {"first_side": 8, "fade_steps": 10, "stable_steps": 20}


def test_a_stylegan_needs_steps_until_its_images_have_grown():
    # from 8 to 64 pixels: three times 10 + 20 steps
    changes = {"stylegan__progressive": GROWING, "stylegan__network__size": 64}
    (line,) = problems(edited(**changes, stylegan__training__steps=90))
    found = "90, but the images reach 64 pixels after 90 (expected more than 90)"
    assert line.startswith(f"ERROR CONFIG_VALUE stylegan.training.steps: {found}")
    checked(edited(**changes, stylegan__training__steps=91))


def test_images_that_begin_larger_than_they_end_are_refused():
    (line,) = problems(edited(stylegan__progressive={**GROWING, "first_side": 128}))
    assert line.startswith(
        "ERROR CONFIG_VALUE stylegan.progressive.first_side: 128 (expected at most the size, 64)"
    )


def test_a_stylegan_has_no_ada_without_changes():
    (line,) = problems(edited(stylegan__diff_augment__ada_target=0.6))
    assert line.startswith("ERROR CONFIG_VALUE stylegan.diff_augment.ada_target: 0.6 without changes")


def test_scores_without_bounds_call_nothing_real():
    scores = {f"stylegan__{key}": value for key, value in WASSERSTEIN.items()}
    checked(edited(**scores))
    changed = {"changes": ["colour"], "ada_target": 0.6, "ada_images": 8}
    line = only_problem(**scores, stylegan__diff_augment=changed)
    found = "stylegan.diff_augment.ada_target: 0.6 with adversarial: wasserstein, whose scores call nothing"
    assert line.startswith(f"ERROR CONFIG_VALUE {found}")


def test_the_settings_of_the_tests_are_a_stylegan_of_the_config():
    stylegan = changed(STYLEGAN, **EVERYTHING, training__steps=9)
    stylegan |= {"wanted": True, "samples": DEMO["stylegan"]["samples"]}
    checked(edited(stylegan=stylegan))


INVENTED = {"synthesis__masks__kind": "stylegan", "study__arms": ["real", "synthetic"]}


def test_invented_masks_are_large_enough_for_the_patches_of_all_who_learn_from_their_images():
    maker = {"mask_generator__network__size": 64}
    checked(edited(**INVENTED, **maker, mask_generator__scale=2))  # 128 pixels, as the patches
    small = {**maker, "mask_generator__scale": 1}
    lines = problems(edited(**INVENTED, **small, gans__training__patch=64))
    assert len(lines) == 1 and lines[0].startswith(
        "ERROR CONFIG_VALUE mask_generator.network.size: 64, times the scale 1, are 64 pixels for the masks "
        "of synthetic, and unets.training.patch is 128 (expected at least 128 pixels)"
    )
    assert len(problems(edited(**INVENTED, **small))) == 2
    checked(edited(**small))  # bent masks are as large as real slices


def test_a_mask_generator_needs_steps_until_its_maps_have_grown():
    (line,) = problems(edited(mask_generator__training__steps=1200))  # 3 times 150 + 250
    assert line.startswith("ERROR CONFIG_VALUE mask_generator.training.steps: 1200, but the images reach 64")


def test_where_a_key_of_masks_stands_is_told():
    line = only_problem(synthesis__masks__elastic_nm=60)
    assert line.startswith("ERROR CONFIG_KEY synthesis.masks.elastic_nm: no such key")
    assert "did you mean `synthesis.masks.bent.elastic_nm`" in line

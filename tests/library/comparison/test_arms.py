import pytest

from synthem.comparison.arms import arm_text, controls_of, generated_arms

DATA_SETS = {
    name: {"kind": kind, "variant": "", "of": of, "volume": volume}
    for name, kind, of, volume in (
        ("painted", "gan", "", ""),
        ("oasis", "gan", "", ""),
        ("pasted", "copy_paste", "", ""),
        ("bent", "bent", "", ""),
        ("copies", "copies", "", ""),
        ("wrong", "mismatched", "painted", ""),
        ("phantom", "volume", "", "larva"),
    )
}


def arm(sets, then=None, switch=0.5, variant=""):
    data_sets = {name: DATA_SETS[name] for name in {**sets, **(then or {})} if name != "real"}
    return {
        **{"sets": sets, "then": then or {}, "switch": switch, "variant": variant},
        "data_sets": data_sets,
    }


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (arm({"real": 1}), "real images alone"),
        (arm({"real": 1}, variant="base"), "real images alone"),
        (arm({"real": 1}, variant="strong"), "real images alone; variant `strong`"),
        (arm({"real": 0.5, "painted": 0.5}), "half real, half images of `painted`"),
        (arm({"painted": 0.75, "real": 0.25}), "three quarters images of `painted`, a quarter real"),
        (arm({"painted": 0.33, "real": 0.67}), "two thirds real, a third images of `painted`"),
        (arm({"real": 0.9, "oasis": 0.1}), "90 % real, 10 % images of `oasis`"),
        (
            arm({"painted": 0.25, "oasis": 0.25, "real": 0.5}),
            "half real, a quarter images of `painted`, a quarter images of `oasis`",
        ),
        (
            arm({"painted": 1}, {"real": 1}, 0.6),
            "first images of `painted` alone, from 60 % of the steps on real images alone",
        ),
        (arm({"pasted": 1}), "real images with pasted objects alone"),
        (arm({"real": 0.5, "bent": 0.5}), "half real, half bent real images"),
        (arm({"real": 0.5, "copies": 0.5}), "half real, half the same real images again"),
        (arm({"real": 0.5, "wrong": 0.5}), "half real, half images of `painted` with the masks of others"),
        (arm({"real": 0.5, "phantom": 0.5}), "half real, half images of the volume `larva`"),
    ],
)
def test_an_arm_is_told_by_what_it_learns_from(given, text):
    assert arm_text(given) == text


def test_the_question_is_about_arms_that_learn_from_painted_images_and_not_about_controls():
    arms = {
        "real": arm({"real": 1}),
        "mixed": arm({"real": 0.5, "painted": 0.5}),
        "later": arm({"real": 1}, {"oasis": 1}),
        "wrong": arm({"wrong": 1}),
        "pasted": arm({"pasted": 1}),
        "again": arm({"real": 0.5, "copies": 0.5}),
    }
    assert generated_arms(arms) == ["mixed", "later"]
    assert controls_of(arms) == {"wrong": "mismatched", "again": "copies"}

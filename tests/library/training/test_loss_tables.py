import pytest

from synthem.training.loss_tables import loss_rows

NAMES = ("d_real", "d_fake", "g_loss", "g_adversarial", "g_l1")


def step(*losses, held_out=()):
    """A row of a history: five losses, and five of held-out images after a look at these."""
    row = dict(zip(NAMES, losses, strict=True))
    return row | {f"validation_{name}": value for name, value in zip(NAMES, held_out, strict=False)}


# Two looks: after step 2, of the mean of steps 1 and 2, and after step 3, of that alone.
HISTORY = [
    step(1, 2, 0.3, 1, 0.2),
    step(3, 2, 0.5, 3, 0.4, held_out=(5, 6, 0.07, 2, 0.05)),
    step(0, 1, 0.1, 0, 0.1, held_out=(7, 8, 0.03, 1, 0.02)),
]


def test_each_look_is_a_row_for_each_loss_beside_the_mean_of_the_steps_before():
    rows = loss_rows(HISTORY, batch_size=20)
    found = {(row["block"], row["step"], row["score"]): row["value"] for row in rows}
    assert len(rows) == len(found) == 2 * 2 * 6
    expected = {
        ("train", 2, "d_loss"): (1 + 2 + 3 + 2) / 2,
        ("train", 2, "g_l1"): 0.3,
        ("test", 2, "d_loss"): 11,
        ("test", 2, "g_adversarial"): 2,
        ("train", 3, "d_loss"): 1,
        ("test", 3, "g_loss"): 0.03,
    }
    assert {key: found[key] for key in expected} == pytest.approx(expected)


def test_a_row_says_of_how_many_patches_it_is_and_one_training_has_no_interval():
    rows = loss_rows(HISTORY, batch_size=3)
    counts = {(row["block"], row["step"]): row["n"] for row in rows}
    assert counts == {
        ("train", 2): 6,
        ("train", 3): 3,
        ("test", 2): 18,
        ("test", 3): 18,
    }  # 16 and what fills 6
    assert {(row["low"], row["high"]) for row in rows} == {(None, None)}


def test_without_held_out_images_there_is_no_row():
    blank = {f"validation_{name}": None for name in NAMES}  # as a table is read whose rows have none
    assert loss_rows([step(1, 1, 1, 1, 1) | blank], batch_size=2) == []

"""What the report says of copies, by hand."""

from synthem.report.copies import copy_sentences


def row(block="test", step=500, value=0.0, low=0.0, high=0.06, floor=0.05, **others):
    about = {"data_set": "painted", "budget": "3", "replicate": 1, "score": "copied", "n": 64}
    return (
        about
        | {"block": block, "step": step, "value": value, "low": low, "high": high, "floor": floor}
        | others
    )


def test_a_generator_that_copies_is_said_to_and_earlier_steps_do_not_count():
    said = copy_sentences([row(step=100), row(value=0.5, low=0.4, high=0.6), row(score="fd", value=9.0)])
    assert said == [
        "Of images painted by `painted` (3 labelled slices) on masks that it had never seen, 50 % (95 % "
        "interval 40 to 60 %) have the grain of a training slice; 5 % would by chance: it copies what it was "
        "trained on, and copies are no new data."
    ]


def test_a_share_that_real_patches_have_too_is_no_sign():
    for unsure in (row(value=0.1, low=0.04), row(value=0.3, low=0.2, floor=0.25), row(value=1.0, low=None)):
        assert copy_sentences([unsure])[0].endswith("no sign that it copies.")


def test_new_masks_come_first_and_replicates_are_counted():
    learnt = [row("train", replicate=n, value=n / 4, low=n / 4 - 0.2) for n in (1, 2, 3)]
    new, by_heart = copy_sentences([*learnt, row(budget="all")])
    assert "(all labelled slices) on masks that it had never seen" in new
    assert "25 %, 50 %, 75 % (by replicate)" in by_heart and by_heart.endswith("(in 2 of 3 replicates).")


def test_one_replicate_of_five_is_what_luck_finds():
    """Of five that copy nothing one interval of 95 % lies above chance in 1 - .975^5 = 12 of 100 studies."""
    rows = [row(replicate=n, value=0.17, low=0.09 if n < 2 else 0.0) for n in range(1, 6)]
    (said,) = copy_sentences(rows)
    assert said.endswith("more (in 1 of 5 replicates), which luck explains: no sure sign that it copies.")
    rows[4]["low"] = 0.09  # two of them: in 0.6 of 100
    assert copy_sentences(rows)[0].endswith("and copies are no new data (in 2 of 5 replicates).")


def test_tables_of_no_copies_say_nothing():
    assert copy_sentences([row(score="kd")]) == []

"""What the report says of masks in images, by hand."""

from synthem.report.fidelity import fidelity_sentences


def rows_of(step=500, value=0.6, low=0.5, high=0.7, differs=-0.1, ends=(-0.2, -0.05), **others):
    """Both rows of a generator: what is found, and that less what is found in the real images."""
    about = {
        "data_set": "painted",
        "budget": "3",
        "replicate": 1,
        "block": "test",
        "step": step,
        "n": 64,
    } | others
    yield about | {"score": "fidelity", "value": value, "low": low, "high": high, "floor": value - differs}
    own = {"value": differs, "low": ends[0], "high": ends[1], "floor": None}
    yield about | {"score": "fidelity_difference"} | own


def test_what_is_found_is_said_after_the_last_step_beside_what_is_found_in_real_tissue():
    others = [*rows_of(step=100, value=0.1), *rows_of(block="train", value=0.9)]
    others += [
        {"score": "fd", "data_set": "painted", "budget": "3", "block": "test", "step": 900, "value": 9.0}
    ]
    assert fidelity_sentences([*others, *rows_of()]) == [
        "In images painted by `painted` (3 labelled slices) on masks of the test block, a network of the "
        "same labelled real slices finds these with an IoU of 0.600 (95 % interval 0.500 to 0.700). Less the "
        "IoU in the real images there, that is -0.100 (95 % interval -0.200 to -0.050): less is found than "
        "in real tissue."
    ]


def test_an_interval_with_0_is_no_difference_and_one_above_it_more():
    for unsure in ((-0.2, 0.1), (None, None)):
        assert fidelity_sentences(list(rows_of(ends=unsure)))[0].endswith("no sure difference.")
    assert fidelity_sentences(list(rows_of(ends=(0.05, 0.2))))[0].endswith(
        ": more is found than in real tissue."
    )


def test_replicates_are_counted():
    ends = (-0.2, -0.05), (-0.2, 0.05), (-0.3, -0.1)
    rows = [row for number, own in enumerate(ends, start=1) for row in rows_of(replicate=number, ends=own)]
    (said,) = fidelity_sentences(rows)
    assert "0.600, 0.600, 0.600 (by replicate)" in said and "-0.100, -0.100, -0.100 (by replicate): " in said
    assert said.endswith("less is found than in real tissue (in 2 of 3 replicates).")
    (said,) = fidelity_sentences(rows[2:])  # one of two: luck in 4.9 of 100 studies
    assert said.endswith("no sure difference.")

"""What the report says of masks in images, by hand."""

from synthem.report.fidelity import fidelity_sentences


def row(step=500, value=0.6, low=0.5, high=0.7, floor=0.8, **others):
    about = {
        "data_set": "painted",
        "budget": "3",
        "replicate": 1,
        "score": "fidelity",
        "block": "test",
        "n": 64,
    }
    return about | {"step": step, "value": value, "low": low, "high": high, "floor": floor} | others


def test_what_is_found_is_said_after_the_last_step_beside_what_is_found_in_real_tissue():
    others = [row(step=100, value=0.1), row(score="fd", value=9.0), row(block="train", value=0.9)]
    assert fidelity_sentences([*others, row()]) == [
        "In images painted by `painted` (3 labelled slices) on masks of the test block, a network of the "
        "same labelled real slices finds these masks with an IoU of 0.600 (95 % interval 0.500 to 0.700); in "
        "the real images there with 0.800: less is found than in real tissue."
    ]


def test_what_lies_within_the_interval_is_no_difference():
    for unsure in (row(floor=0.65), row(low=None, high=None)):
        assert fidelity_sentences([unsure])[0].endswith("no sure difference.")
    assert fidelity_sentences([row(floor=0.4)])[0].endswith("more is found than in real tissue.")


def test_replicates_are_counted():
    rows = [row(replicate=n, floor=floor) for n, floor in ((1, 0.8), (2, 0.65), (3, 0.75))]
    (said,) = fidelity_sentences(rows)
    assert "0.600, 0.600, 0.600 (by replicate)" in said and "with 0.800, 0.650, 0.750: " in said
    assert said.endswith("less is found than in real tissue (surely in 2 of 3 replicates).")

import pytest

from synthem.storage.naming import labels_text, run_of, three_digits


@pytest.mark.parametrize(
    ("path", "run"),
    [
        ("results/unets/v/mixed/budget-3/replicate-1/seed-2/history.csv", ("v", "mixed", "3", 1, 2)),
        # an arm with the name of a budget
        ("results/unets/v/budget-3/budget-8/replicate-1/seed-2/history.csv", ("v", "budget-3", "8", 1, 2)),
        (
            "results/synthesis/v/painted/budget-all/replicate-12/decision.json",
            ("v", "painted", "all", 12, None),
        ),
        ("a/b/results/figures/grid/v-1/real/budget-10.png", ("v-1", "real", "10", None, None)),
        ("results/videos/v/real.x/budget-1/replicate-1/seed-1.mp4", ("v", "real.x", "1", 1, 1)),
        ("results/metrics/v/baseline/budget-8/replicate-4_partitions.csv", ("v", "baseline", "8", 4, None)),
    ],
)
def test_the_run_of_a_file_stands_in_its_path(path, run):
    assert tuple(run_of(path)) == run


def test_sizes_have_three_digits_and_large_ones_no_exponent():
    told = {10186.4: "10200", 1234567.0: "1230000", 81.52: "81.5", 0.0: "0", 2.0: "2", 1.25e-5: "1.25e-05"}
    assert [three_digits(value) for value in told] == [*told.values()]


def test_a_budget_is_told_in_slices():
    assert [labels_text(*of) for of in (("1",), ("3", 3), (3,), ("all",), ("all", 22))] == [
        "1 labelled slice",
        "3 labelled slices",
        "3 labelled slices",
        "all labelled slices",
        "all 22 labelled slices",
    ]

"""Several jobs share a prediction, and nobody can tell from the result."""

from tests.shared.nano_workflow import jobs_in

FOLDER = "results/unets/hippocampus/real/budget-all/replicate-1/seed-1"


def test_jobs_that_share_a_prediction_make_the_file_of_one(small):
    target = f"{FOLDER}/probability.h5"
    before = (small.folder / target).read_bytes()
    small.edit("config.yaml", "prediction_parts: 1", "prediction_parts: 3")
    made = small.run(target)
    shared = {("predict_part", f"{FOLDER}/parts/{part}-of-3.h5") for part in (1, 2, 3)}
    assert jobs_in(made) == {*shared, ("gather_volume", target)}
    assert (small.folder / target).read_bytes() == before
    assert not list((small.folder / FOLDER).glob("parts/*"))
    assert "Nothing to be done" in small.run(target, "--dry-run").stdout

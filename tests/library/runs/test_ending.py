import pytest

from synthem.runs.ending import block_of, last_words

ERROR = "ERROR DATA_SHAPE a.tif: 3 axes (expected 2). Fix: save it flat."
SAVED = (
    "ERROR TRAINING_STOPPED step-7.pt: SIGTERM after step 7 of 9 (expected time to finish). Fix: run again."
)


@pytest.fixture
def log(tmp_path):
    def written(text, name="a.log"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return written


def test_the_block_of_a_log_is_its_first_lines(log):
    assert block_of(log(f"{ERROR}\n{ERROR}\n\nTraceback\n\n12:00:00 step 1\n")) == f"{ERROR}\n{ERROR}"
    assert block_of(log("12:00:00 step 1\nERROR of another program\n")) == ""
    assert block_of("no/such.log") == ""


def test_an_error_that_was_seen_is_not_repeated(log):
    words = last_words([("ingest_volume", [log(ERROR)], True)])
    assert "ERROR" not in words and "Failed: ingest_volume (" in words


def test_an_error_of_a_job_on_another_machine_is_shown(log):
    words = last_words([("ingest_volume", [log(ERROR)], False)])
    assert words.startswith(f"{ERROR}\nFailed: ingest_volume (")


def test_a_job_without_an_error_of_its_own_died(log):
    words = last_words([("train_gan", [log("12:00:00 step 1\n")], True)])
    assert words.startswith("ERROR STEP_DIED train_gan: ") and "memory" in words


def test_a_training_that_was_told_to_stop_did_not_fail(log):
    assert last_words([("train_gan", [log(SAVED)], False)]).startswith("Stopped. ")
    both = last_words([("train_gan", [log(SAVED)], True), ("ingest_volume", [log(ERROR, "b.log")], True)])
    assert "Failed: ingest_volume" in both and "train_gan" not in both

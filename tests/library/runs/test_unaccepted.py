"""What Snakemake 9.27 says of results that it does not accept, word for word."""

from synthem.runs.ending import last_words
from synthem.runs.unaccepted import not_accepted

OLDER = """\
WorkflowError in rule {rule} in file "/home/lab/a project/rules/volumes.smk", line 115:
Output results/checks/volumes.json has older modification time (2026-11-30 17:23:12.222039) than input \
{input} (2026-11-30 20:22:43.873495). This could indicate a clock skew problem in your network and \
would trigger a rerun of this job in the next execution and should therefore be fixed on system level. \
System time: 2026-11-30 17:23:12.222760 (rule check_volumes, line 230, /home/lab/a project/rules/volumes.smk)
Removing output files of failed job check_volumes since they might be corrupted:
results/checks/volumes.json
"""
UNSEEN = """\
MissingOutputException in rule ingest_volume in file "/home/lab/rules/volumes.smk", line 9:
Job 3 completed successfully, but some output files are missing. Missing files after 5 seconds. This might \
be due to filesystem latency. If that is the case, consider to increase the wait time with --latency-wait:
results/volumes/a b/volume.h5 (missing locally, parent dir contents: )
results/other.h5 (missing locally, parent dir contents: )
"""


def test_data_of_tomorrow_is_an_error_of_its_date():
    said = OLDER.format(rule="check_volumes", input="my data/image/0001.png")
    error = str(not_accepted("check_volumes", said))
    assert error.startswith(
        "ERROR FILE_READ my data/image/0001.png: dated 2026-11-30 20:22:43.873495, which is later than now"
    )
    assert "find -L 'my data/image' -newermt now -exec touch {} + " in error.partition("Fix: ")[2]


def test_files_that_are_not_seen_are_an_error_of_the_disk():
    error = str(not_accepted("ingest_volume", UNSEEN))
    assert error.startswith("ERROR FILE_READ results/volumes/a b/volume.h5: ingest_volume ended well")
    assert "--latency-wait" in error


def test_the_last_words_about_a_step_count_and_those_about_others_do_not():
    said = "".join(
        OLDER.format(rule=rule, input=rule) for rule in ("a.tif", "check_volumes", "check_volumes_too")
    )
    assert "FILE_READ check_volumes:" in str(not_accepted("check_volumes", said))
    assert "FILE_READ check_volumes:" in str(not_accepted("check_volumes", UNSEEN + said))
    assert not_accepted("check", said) is None and not_accepted("check_volumes", "") is None


def test_a_step_whose_results_were_not_accepted_did_not_die(tmp_path):
    (tmp_path / "a.log").write_text("12:00:00 done\n")
    words = last_words([("ingest_volume", [str(tmp_path / "a.log")], True)], UNSEEN)
    assert words.startswith("ERROR FILE_READ ") and "STEP_DIED" not in words

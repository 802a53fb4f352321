"""A whole run on a disk that fills up: the user reads what to do, and then the same command ends well."""

from tests.shared.nano_workflow import copy_project
from tests.shared.small_disk import fill, small_disk


def test_a_run_on_a_disk_that_fills_up_says_so_and_goes_on_when_there_is_room(tmp_path):
    with small_disk(tmp_path / "disk", "40m") as disk:
        project = copy_project(disk / "project")
        fill(disk, leave=0)
        done = project.run("volumes")
        assert done.returncode == 1 and "Traceback" not in done.stdout
        assert f"ERROR FILE_WRITE .snakemake: the disk {disk} is full" in done.stdout
        fill(disk, leave=350_000)  # enough for Snakemake's own records, not for the volumes
        done = project.run("volumes")
        assert done.returncode == 1
        assert f"the disk {disk} is full" in done.stdout and "Fix: free space there" in done.stdout
        assert (
            "without a word" not in done.stdout
            and "FILE_READ" not in done.stdout
            and "delete" not in done.stdout
        ), done.stdout
        (disk / "other-data").unlink()
        again = project.run("volumes")
        assert again.returncode == 0, again.stdout
        assert list(disk.rglob(".*.part")) == []

import hashlib
import os
import shutil
import subprocess

import pytest

from synthem.runs.record import run_record
from synthem.storage.files import write_json
from synthem.storage.provenance import provenance
from synthem.storage.release import this_synthem
from tests.shared.project import PROJECT

MACHINE = {"device": "cpu", "hardware": {"processor": "p", "threads": 1}}
ORIGIN = provenance(rule="r", settings={}, seed=1, code="c", inputs=[], **MACHINE)
TOML = '[project]\nname = "synthem"\nversion = "7.8.9"\n'


def git(folder, *words):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    """A project under git; its commit."""
    folder = tmp_path / "project"
    (folder / "rules").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(TOML)
    (folder / "config.yaml").write_text("a: 1\n")
    (folder / "rules" / "a.smk").write_text("# a\n")
    (folder / "Snakefile").write_text("# b\n")
    (folder / "workflow_scripts").mkdir()
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_checkout_has_version_and_commit(checkout):
    assert this_synthem(checkout) == {"version": "7.8.9", "commit": git(checkout, "rev-parse", "HEAD")}


def test_changed_and_new_code_is_said_and_a_users_config_is_not(checkout):
    (checkout / "config.yaml").write_text("a: 2\n")
    (checkout / "my.yaml").write_text("a: 3\n")
    assert "changes" not in this_synthem(checkout)["commit"]
    (checkout / "workflow_scripts" / "new.py").write_text("x = 1\n")
    assert this_synthem(checkout)["commit"].endswith(", with local changes")
    (checkout / "workflow_scripts" / "new.py").unlink()
    (checkout / "rules" / "a.smk").write_text("# changed\n")
    assert this_synthem(checkout)["commit"].endswith(", with local changes")


def test_an_unpacked_archive_says_that_it_is_no_checkout(checkout, tmp_path):
    shutil.rmtree(checkout / ".git")
    expected = {"version": "7.8.9", "commit": "unknown: not a git checkout"}
    assert this_synthem(checkout) == expected
    git(tmp_path, "init", "-q")  # nor does it take the commit of what it lies in for its own
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "another project")
    assert this_synthem(checkout) == expected


def test_a_machine_without_git_says_so(checkout, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert this_synthem(checkout) == {"version": "7.8.9", "commit": "unknown: no program git here"}


def test_a_checkout_of_another_user_and_one_without_commits_say_what_git_says(checkout, tmp_path):
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    assert this_synthem(tmp_path / "empty")["commit"].startswith("unknown: fatal: ambiguous argument 'HEAD'")
    if os.geteuid() == 0:
        for path in [checkout, *checkout.rglob("*")]:
            os.chown(path, 65534, 65534)
        assert "dubious ownership" in this_synthem(checkout)["commit"]


def test_a_hook_of_another_repository_changes_nothing(checkout, monkeypatch):
    expected = this_synthem(checkout)
    monkeypatch.setenv("GIT_DIR", "/nowhere/.git")
    assert this_synthem(checkout) == expected


def test_the_projects_own_version_is_found_from_anywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = (PROJECT / "pyproject.toml").read_text()
    assert f'\nversion = "{this_synthem()["version"]}"\n' in text


def test_the_record_says_which_synthem_trained_the_networks_where_it_was_another(tmp_path, monkeypatch):
    here, earlier = ({"version": version, "commit": "c"} for version in ("2", "1"))
    monkeypatch.setattr("synthem.runs.record.this_synthem", lambda: here)
    benchmarks = tmp_path / "benchmarks"
    benchmarks.mkdir()

    def recorded(*releases):
        paths = [tmp_path / f"{number}.json" for number in range(len(releases))]
        for path, one in zip(paths, releases, strict=True):
            write_json(path, ORIGIN | {"synthem": one})
        return run_record(networks=paths, config={}, content={}, benchmarks=benchmarks, run={})["synthem"]

    assert recorded(here, here) == here
    assert recorded(here, earlier) == here | {"networks trained with": "1, commit c; 2, commit c"}


def test_the_record_leads_from_each_network_to_config_code_seed_machine_and_date(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    write_json(tmp_path / "network.json", ORIGIN)
    os.utime(tmp_path / "network.json", (86400, 86400))
    about = {"config": {"b": 1, "a": [2]}, "content": {"v": "e5"}, "benchmarks": tmp_path / "benchmarks"}
    record = run_record(networks=[tmp_path / "network.json"], run={}, **about)
    assert record["content"] == {"v": "e5"}
    assert record["config_hash"] == hashlib.sha256(b'{"a": [2], "b": 1}').hexdigest()
    assert record["networks"] == {
        str(tmp_path / "network.json"): ORIGIN | {"finished": "1970-01-02T00:00:00+00:00"}
    }
    assert {"settings_hash", "code", "seed", "hardware", "versions"} <= ORIGIN.keys()


def test_durations_are_read_from_what_snakemake_writes(tmp_path):
    from synthem.runs.record import durations

    (tmp_path / "rule").mkdir()
    head = "s\th:m:s\tmax_rss\n"
    (tmp_path / "rule" / "a.tsv").write_text(head + "1.5\t0:00:01\t20.4\n")
    (tmp_path / "rule" / "b.tsv").write_text(head + "90000.5\t1 day, 1:00:00\t-\n")
    (tmp_path / "rule" / "c.tsv").write_text(head + "2\t0:00:02\tNA\n")
    (tmp_path / "rule" / "d.tsv").write_text("")
    expected = {"rule": "rule", "jobs": 3, "seconds": 90004.0, "largest memory (MB)": 20}
    assert durations(tmp_path, {}) == [expected]

import json
import os
import time
from pathlib import Path

import pytest
from snakemake.common.configfile import load_configfile

from synthem.edits import BEGUN_WITH, refuse_edited
from synthem.errors import SynthemError
from synthem.runs.frozen import UNUSED, keep_for_jobs
from synthem.storage.code import Code

CHOICES = 'KINDS = {"unet": "synthem.networks.unet.UNet"}\n'


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """Two scripts with a module each, one with a network to choose; a run has begun with them."""
    root = tmp_path / "scripts"
    for name, text in {
        "train.py": "import synthem.loop, synthem.networks.registry\n",
        "draw.py": "import synthem.page\n",
        "synthem/__init__.py": "",
        "synthem/loop.py": '"""Says much."""\nsteps = 1\n',
        "synthem/page.py": "width = 1\n",
        "synthem/networks/__init__.py": "",
        "synthem/networks/registry.py": CHOICES,
        "synthem/networks/unet.py": "class UNet: ...\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    monkeypatch.setenv(BEGUN_WITH, "")  # put back at the end
    keep_for_jobs(tmp_path / "kept", [], Code(root), ["synthem.networks.unet.UNet"])
    return root


def refused(script):
    with pytest.raises(SynthemError) as caught:
        refuse_edited(script)
    return caught.value


def test_code_as_the_run_began_with_it_may_run(scripts):
    for name in ("train.py", "draw.py"):
        refuse_edited(str(scripts / name))


@pytest.mark.parametrize("module", ["train.py", "synthem/loop.py", "synthem/networks/unet.py"])
def test_an_edit_of_what_a_script_reaches_is_refused_and_concerns_no_other(scripts, module):
    (scripts / module).write_text((scripts / module).read_text() + "more = 1\n")
    error = refused(scripts / "train.py")
    assert (error.code, error.where) == ("CODE_EDITED", str(scripts / module))
    refuse_edited(scripts / "draw.py")


def test_a_comment_is_no_edit_and_half_an_edit_is_one(scripts):
    (scripts / "synthem/loop.py").write_text('"""Says little."""\n# So it does.\nsteps = 1\n')
    refuse_edited(scripts / "train.py")
    (scripts / "synthem/loop.py").write_text("steps = (\n")
    assert refused(scripts / "train.py").code == "CODE_EDITED"
    (scripts / "synthem/loop.py").unlink()
    assert refused(scripts / "train.py").code == "CODE_EDITED"


def test_another_python_compares_bytes_for_it_writes_other_trees(scripts, monkeypatch):
    record = Path(os.environ[BEGUN_WITH])
    told = json.loads(record.read_text())
    told["python"] = [3, 99]
    told["files"] = {file: [raw, "a tree of another Python"] for file, (raw, _) in told["files"].items()}
    record.write_text(json.dumps(told))
    refuse_edited(scripts / "train.py")
    (scripts / "synthem/loop.py").write_text("steps = 2\n")
    assert refused(scripts / "train.py").code == "CODE_EDITED"
    refuse_edited(scripts / "draw.py")


def test_a_script_that_belongs_to_no_run_may_run(scripts, monkeypatch):
    (scripts / "train.py").write_text("edited = 1\n")
    monkeypatch.delenv(BEGUN_WITH)
    refuse_edited(scripts / "train.py")


@pytest.mark.parametrize("spoil", [Path.unlink, lambda kept: kept.write_text("{")], ids=["gone", "cut off"])
def test_a_run_of_which_nobody_knows_what_it_began_with_is_no_silent_one(scripts, spoil):
    spoil(Path(os.environ[BEGUN_WITH]))
    error = refused(scripts / "train.py")
    assert (error.code, error.where) == ("FILE_READ", os.environ[BEGUN_WITH])


def test_a_config_is_kept_as_it_is_and_once(scripts, tmp_path):
    layers = [{"b": [1, 2.0, "1e-3", None, True], "a": {"x": "é"}}, {"b": 3}]
    kept = keep_for_jobs(tmp_path / "kept", layers, Code(scripts), [])
    assert load_configfile(kept)["layers"] == layers and list(load_configfile(kept)["layers"][0]) == [
        "b",
        "a",
    ]
    assert keep_for_jobs(tmp_path / "kept", layers, Code(scripts), []) == kept
    assert keep_for_jobs(tmp_path / "kept", layers[:1], Code(scripts), []) != kept


def test_what_was_kept_for_runs_that_are_long_over_is_deleted_and_what_a_job_read_is_not(scripts, tmp_path):
    used, unused = (keep_for_jobs(tmp_path / "kept", [{"a": a}], Code(scripts), []) for a in (1, 2))
    for kept in (used, unused):
        os.utime(kept, (0, time.time() - UNUSED - 60))
    os.environ[BEGUN_WITH] = str(used)
    refuse_edited(scripts / "train.py")
    new = keep_for_jobs(tmp_path / "kept", [{"a": 3}], Code(scripts), [])
    assert used.exists() and new.exists() and not unused.exists()

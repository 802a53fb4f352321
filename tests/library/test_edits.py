import json
import os
from pathlib import Path

import pytest

from synthem.edits import BEGUN_WITH, refuse_edited
from synthem.errors import SynthemError
from synthem.runs.frozen import keep_code, keep_config, kept_config

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
    monkeypatch.setenv(BEGUN_WITH, keep_code(tmp_path / "kept", root, ["synthem.networks.unet.UNet"]))
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


def test_a_script_that_belongs_to_no_run_may_run(scripts, monkeypatch, tmp_path):
    (scripts / "train.py").write_text("edited = 1\n")
    for path in (str(tmp_path / "gone.json"), ""):
        monkeypatch.setenv(BEGUN_WITH, path)
        refuse_edited(scripts / "train.py")


def test_a_config_is_kept_as_it_is_and_once(tmp_path):
    config = {"b": [1, 2.0, "1e-3", None, True], "a": {3: {"x": "é"}}}
    path = keep_config(tmp_path, config)
    assert kept_config(path) == config and list(kept_config(path)) == ["b", "a"]
    assert keep_config(tmp_path, config) == path != keep_config(tmp_path, {"b": 1})

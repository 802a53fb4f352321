"""What other versions or programs left in a checkpoint folder is set aside: no traceback, no resume."""

import pytest
import torch
from torch import nn

from synthem.errors import SynthemError
from synthem.networks.saving import from_bytes, to_bytes
from synthem.storage.files import write_bytes
from synthem.training.adam import Adam
from synthem.training.checkpoints import Checkpoints
from tests.shared.small_disk import fill, small_disk

HISTORY = [{"loss": 2.0}, {"loss": 1.0}]
NAME = "step-00000002.pt"


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr("synthem.training.checkpoints.say", lines.append)
    return lines


def parts(width=3):
    """As they are before the first step."""
    net = nn.Linear(2, width)
    groups = [{"params": [*net.parameters()], "lr": 0.001}]
    return {"net": net, "optimiser": Adam(groups, betas=[0.9, 0.999], epsilon=1e-8)}


def after_a_step():
    own = parts()
    own["net"](torch.ones(1, 2)).sum().backward()
    own["optimiser"].step()
    return own


def saved(folder, trained=None):
    return Checkpoints(folder, "a").save(HISTORY, trained or after_a_step())


def bits(trained):
    return bytes(to_bytes({name: part.state_dict() for name, part in trained.items()}))


def resumed_from_nothing(folder, said, why):
    """Resume beside foreign files: they move, the parts and the chance stay what they were."""
    before = {path.name: path.read_bytes() for path in folder.glob("*.pt")}
    own, chance = parts(), torch.get_rng_state()
    expected = bits(own)
    assert Checkpoints(folder, "a").resume(own) == []
    assert bits(own) == expected and torch.equal(torch.get_rng_state(), chance)
    assert {path.name: path.read_bytes() for path in (folder / "unusable-1").iterdir()} == before
    assert list(folder.glob("*.pt")) == []
    assert any(why in line and "unusable-1" in line for line in said), said
    assert Checkpoints(folder, "a").resume(parts()) == []  # nor do they come back at the next start
    assert (folder / "unusable-1").exists()


@pytest.mark.parametrize("name", ["last.pt", "best.pt", "step-12.pt", "step-last.pt", "epoch-00000002.pt"])
def test_files_of_other_names_are_set_aside(tmp_path, said, name):
    saved(tmp_path).rename(tmp_path / name)
    resumed_from_nothing(tmp_path, said, f"{name} is no name of a state")


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("parts"),
        lambda state: state.pop("history"),
        lambda state: state.pop("fingerprint"),
        lambda state: state.pop("cuda_generator"),
        lambda state: state.update(epoch=3),
        lambda state: state.update(history={"loss": [2.0, 1.0]}),
        lambda state: state.update(history=HISTORY[:1]),
        lambda state: state.update(parts=[1, 2]),
        lambda state: state.update(fingerprint=7),
    ],
)
def test_states_of_another_form_are_set_aside(tmp_path, said, change):
    path = saved(tmp_path)
    state = from_bytes(path.read_bytes())
    change(state)
    write_bytes(path, to_bytes(state))
    resumed_from_nothing(tmp_path, said, "is no state of this version")


@pytest.mark.parametrize("content", [[1, 2, 3], "weights", {}, torch.zeros(3)])
def test_a_file_that_holds_something_else_is_set_aside(tmp_path, said, content):
    write_bytes(tmp_path / NAME, to_bytes(content))
    resumed_from_nothing(tmp_path, said, "is no state of this version")


def test_a_state_of_other_networks_is_set_aside_and_leaves_ours_untouched(tmp_path, said):
    # The optimiser comes first and fits: it must not keep what it took.
    path = saved(tmp_path)
    state = from_bytes(path.read_bytes())
    other = from_bytes(saved(tmp_path / "other", parts(width=4)).read_bytes())
    state["parts"] = {"optimiser": state["parts"]["optimiser"], "net": other["parts"]["net"]}
    write_bytes(path, to_bytes(state))
    resumed_from_nothing(tmp_path, said, "does not fit the networks")


def test_a_state_that_lacks_a_part_is_set_aside(tmp_path, said):
    saved(tmp_path, {"net": parts()["net"]})
    resumed_from_nothing(tmp_path, said, "does not fit the networks")


def test_folders_of_other_names_are_left_alone(tmp_path, said):
    for name in ("moved-aside-old", "moved-aside-", "moved-aside-1-backup", "unusable-x", "mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "moved-aside-7").write_text("a file")
    saved(tmp_path)
    assert Checkpoints(tmp_path, "another").resume(parts()) == []
    assert (tmp_path / "moved-aside-1" / NAME).exists()
    assert Checkpoints(tmp_path, "a").resume(parts()) == HISTORY
    assert len(list(tmp_path.glob("m*"))) == 5 and (tmp_path / "unusable-x").exists()


def test_foreign_states_aside_are_not_taken_back(tmp_path, said):
    aside = tmp_path / "moved-aside-1"
    aside.mkdir(parents=True)
    write_bytes(aside / NAME, to_bytes({"fingerprint": "a", "weights": {}}))
    assert Checkpoints(tmp_path, "a").resume(parts()) == []
    assert (aside / NAME).exists()


def test_a_state_that_cannot_be_read_for_now_is_an_error_and_stays(tmp_path, said):
    saved(tmp_path)
    (tmp_path / "step-00000003.pt").mkdir()  # the system answers with an error, as a sick disk does
    with pytest.raises(SynthemError, match="FILE_READ .*step-00000003.pt: Is a directory"):
        Checkpoints(tmp_path, "a").resume(parts())
    assert (tmp_path / NAME).exists()


def test_a_full_disk_keeps_nobody_from_the_lock(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        fill(disk, leave=0)
        with Checkpoints(disk / "run", "a").locked():
            with pytest.raises(SynthemError, match="TRAINING_LOCKED"):
                with Checkpoints(disk / "run", "a").locked():
                    pass


def test_a_lock_names_its_holder(tmp_path):
    with Checkpoints(tmp_path, "a").locked():
        with pytest.raises(SynthemError, match=r"process \d+ on \S+ trains here"):
            with Checkpoints(tmp_path, "a").locked():
                pass

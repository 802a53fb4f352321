"""What docs/contributing.md tells to write, written and used."""

import importlib.util
import re
import sys
from copy import deepcopy

import numpy as np
import pytest
import torch
import yaml

from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import load_network, save_network
from synthem.sharing.architecture import source_of
from synthem.training.segmenter import segmenter_trainer
from tests.shared.demo_config import DEMO, SCHEMA, checked, edited
from tests.shared.kinds import of_kind
from tests.shared.project import PROJECT
from tests.shared.segmenter_settings import SEGMENTER, discs
from tests.shared.segmenters import predict
from tests.shared.settings import edited as changed
from tests.shared.settings import saving

PAGE = (PROJECT / "docs/contributing.md").read_text()


def block_of(language):
    """The one block of the page in this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture
def dilated(tmp_path, monkeypatch):
    """The class of the page, in its place beside the others."""
    name, path = "synthem.networks.dilated", tmp_path / "dilated.py"
    path.write_text(block_of("python"))
    module = importlib.util.module_from_spec(spec := importlib.util.spec_from_file_location(name, path))
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, name, module)
    (registered,) = re.findall(r'`"dilated": "(\S+)"`', PAGE)
    monkeypatch.setitem(SEGMENTERS, "dilated", registered)
    return module.Dilated


def test_the_network_of_the_page_is_trained_kept_and_used(dilated, tmp_path):
    settings = changed(SEGMENTER, network=of_kind("dilated", base_width=4), training__steps=2)
    settings["training"]["validation"]["every"] = 1
    net, history = segmenter_trainer([discs("real")], discs("other", 9), **settings).train(saving(tmp_path))
    assert len(history) == 2
    # Way down 4 (2 x 2 + 1), three layers 4 (4 x 3 x 3 + 1), way up 4 x 2 x 2 + 1.
    assert sum(weight.numel() for weight in net.parameters()) == 20 + 3 * 148 + 17
    assert net(torch.zeros(2, 1, 33, 7)).shape == (2, 1, 33, 7)
    image = np.random.default_rng(0).integers(0, 256, (2, 33, 21), dtype=np.uint8)
    assert predict(net, [image]).shape == (2, 33, 21)
    save_network(tmp_path / "network.pt", net)
    assert isinstance(load_network(tmp_path / "network.pt", SEGMENTERS), dilated)
    assert "class AnySize" in source_of(dilated), "what an export writes"


def test_the_section_of_the_page_is_checked_like_those_of_the_others(monkeypatch):
    schema = deepcopy(SCHEMA)
    segmenter = schema["$defs"]["segmenter"]
    assert set(segmenter["required"]) == {"kind", *segmenter["properties"]["kind"]["enum"]}
    segmenter["properties"] |= yaml.safe_load(block_of("yaml"))
    segmenter["properties"]["kind"]["enum"].append("dilated")
    segmenter["required"].append("dilated")
    monkeypatch.setattr("tests.shared.demo_config.SCHEMA", schema)
    (line,) = re.findall(r"`(dilated: \{.*?\})`", PAGE)
    networks = DEMO["unets"]["network"] | yaml.safe_load(line)
    both = edited(unets__network=networks | {"kind": "dilated"}, membranes__network=networks)
    assert checked(both)["unets"]["network"]["dilated"] == {"base_width": 8}

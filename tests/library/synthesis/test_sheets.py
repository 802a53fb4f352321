import json

import numpy as np
import pytest
import torch

from synthem.networks.pix2pix import Pix2PixGenerator
from synthem.storage.volumes import Facts, Volume, write_volume
from synthem.synthesis.cells import END
from synthem.synthesis.sheets import painted_sheet

SHEET = {
    "data_sets": ["one", "two"],
    "rows": "data_sets",
    "columns": "noise",
    "panels": ["drawn"],
    "masks": 2,
    "noises": 3,
    "snapshots": [],
    "seed": 0,
    "size": 16,
}
SOURCE = {"membrane": "", "conditions": ["nuclei"], "one_hot": False}


@pytest.fixture
def volume(tmp_path):
    """Eight slices of which the last two are tested."""
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (8, 40, 48), dtype=np.uint8)
    facts = Facts(
        voxel_size_nm=(50.0, 5.0, 5.0),
        blocks={"train": ((0, 6),), "test": ((6, 8),)},
        grey={"type": "uint8", "scale": 1.0, "offset": 0.0},
        linked=True,
        provenance={},
    )
    path = tmp_path / "volume.h5"
    write_volume(path, Volume(image, facts, {"nuclei": image // 128}, {}))
    return path, image


def generator():
    torch.manual_seed(0)
    net = Pix2PixGenerator(1, 1, 4, 3, 0.5)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, 0, 0.1)  # so that dropout can be seen
    return net.eval()


def painted(volume, loaded=None, **changes):
    def load(*of):
        if loaded is not None:
            loaded.append(of)
        return generator()

    sheet = SHEET | changes
    sources = dict.fromkeys(sheet["data_sets"], SOURCE)
    arrays, attributes = painted_sheet(
        sheet,
        sources,
        load,
        volume=volume[0],
        blocks=((6, 8),),
        voxel_size_nm=(50, 5, 5),
        tile=64,
        halo=8,
        device=torch.device("cpu"),
    )
    return arrays, json.loads(attributes["about"])


def test_each_network_is_loaded_once_and_one_noise_is_the_same_in_all(volume):
    loaded = []
    arrays, about = painted(volume, loaded)
    assert loaded == [("one", END), ("two", END)]
    assert arrays["drawn"].shape == (6, 16, 16)
    first, second = arrays["drawn"][:3], arrays["drawn"][3:]  # the same weights stand behind both names
    assert (first == second).all() and (first[0] != first[1]).any() and (first[1] != first[2]).any()
    assert [cell["drawn"] for cell in about["cells"]] == list(range(6))


def test_sheets_of_other_generators_show_the_same_places_and_noise(volume):
    one, of_one = painted(volume, data_sets=["one"])
    other, of_other = painted(volume, data_sets=["two"])
    assert of_one["places"] == of_other["places"]
    assert (one["real"] == other["real"]).all() and (one["drawn"] == other["drawn"]).all()


def test_real_images_and_masks_are_of_the_places_of_the_block(volume):
    arrays, about = painted(volume, rows="masks", columns="panels", panels=["real", "drawn"])
    assert [place["slice"] for place in about["places"]] == [6, 7]
    for number, place in enumerate(about["places"]):
        own = volume[1][place["slice"], place["y"] : place["y"] + 16, place["x"] : place["x"] + 16]
        assert (arrays["real"][number] == own).all()
        assert (arrays["masks/one/nuclei"][number] == own // 128).all()
    assert [cell["drawn"] for cell in about["cells"]] == [-1, 0, -1, 1]


def test_snapshots_are_asked_for_by_their_steps_and_chance_depends_on_the_seed(volume):
    loaded = []
    arrays, _ = painted(volume, loaded, rows="snapshots", columns="masks", snapshots=[3, 9])
    assert loaded == [("one", 3), ("one", 9)]
    other, _ = painted(volume, rows="snapshots", columns="masks", snapshots=[3, 9], seed=1)
    assert (arrays["drawn"] != other["drawn"]).any()

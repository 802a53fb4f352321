"""What the record of a run refuses: networks that were trained with other settings."""

import pytest

from synthem.errors import SynthemError
from synthem.runs.record import refuse_other_settings
from synthem.storage.files import write_json

EXPECTED = {"unets": {"real": {"steps": 6}, "mixed": {"steps": 6}}, "gans": {"base": {"steps": 9}}}


def network(folder, place, rule, **settings):
    path = folder / place / "provenance.json"
    write_json(path, {"rule": rule, "settings": settings})
    return str(path)


def test_networks_of_the_settings_of_the_run_pass(tmp_path):
    unet = network(
        tmp_path, "results/unets/v/real/budget-all/replicate-1/seed-1", "train_unet", unets={"steps": 6}
    )
    gan = network(tmp_path, "results/gans/v/base/budget-all/replicate-1", "train_gan", gans={"steps": 9})
    other = network(tmp_path, "results/membranes/v/base", "train_membranes", membranes={"steps": 1})
    refuse_other_settings([unet, gan, other], EXPECTED)


@pytest.mark.parametrize("prefix", ["", "module/"])
def test_networks_of_other_settings_are_refused_with_their_folders(tmp_path, prefix):
    places = [f"{prefix}results/unets/v/mixed/budget-all/replicate-{number}/seed-1" for number in (1, 2, 3)]
    paths = [network(tmp_path, place, "train_unet", unets={"steps": 60}) for place in places[:2]]
    paths.append(network(tmp_path, places[2], "train_unet", unets={"steps": 6}))
    with pytest.raises(
        SynthemError, match="FILE_READ .*2 of 3 networks, this one among them, were not"
    ) as told:
        refuse_other_settings(paths, EXPECTED)
    assert told.value.fix == f"run again after: rm -r {tmp_path / places[0]} {tmp_path / places[1]}"

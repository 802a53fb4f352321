"""What to do where files of a public data set are missing."""

from synthem.errors import SynthemError
from synthem.public.datasets import how_to_get, with_origins


def test_a_missing_file_of_a_public_data_set_is_told_how_to_get():
    # people write a folder with and without a slash
    homes = {"data/vnc": how_to_get("vnc", "data/vnc"), "data/lucchi/": how_to_get("lucchi", "data/lucchi/")}
    missing = [
        SynthemError("DATA_MISSING", path, "no such file", expected="a stack", fix="correct the path")
        for path in ("data/vnc/stack1/raw", "data/lucchi/training.tif", "data/mine.tif")
    ]
    fixes = [problem.fix for problem in with_origins(missing, homes)]
    assert fixes[0].startswith("run `snakemake fetch`") and "into data/vnc" in fixes[0]
    assert "training.tif" in fixes[1] and "epfl.ch" in fixes[1]
    assert fixes[2] == "correct the path"
    assert how_to_get("nnunet", "mine") == ""

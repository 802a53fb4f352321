"""A segmentation of the test block and the truth -> scores."""

from synthem.arrays import read_array
from synthem.files import read_json, write_table
from synthem.log import logged_to
from synthem.metrics.masks import COLUMNS, score_rows
from synthem.splits import slice_numbers
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    structure = snakemake.params.structure
    volume = read_volume(snakemake.input.volume, block="test", masks=[structure])
    rows = score_rows(
        read_array(snakemake.input.segmentation, "mask"),
        read_array(snakemake.input.segmentation, "labels"),
        volume.masks[structure],
        volume.labels.get(structure),
        slices=slice_numbers(volume.blocks["test"]),
        linked=volume.facts.linked,
        ignore=volume.ignore.get(structure),
    )
    run = dict(snakemake.wildcards.items())
    run["threshold"] = read_json(snakemake.input.threshold)["threshold"]
    write_table(snakemake.output.scores, [run | row for row in rows], COLUMNS)

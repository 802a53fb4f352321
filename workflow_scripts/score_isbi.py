"""Probabilities of the test block and its true instances -> scores as in the challenge of ISBI 2012."""

from synthem.arrays import as_probability, read_array
from synthem.files import write_table
from synthem.log import logged_to
from synthem.metrics.columns import ISBI_COLUMNS
from synthem.metrics.rows import isbi_row
from synthem.metrics.truth import truth_of
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    structure = snakemake.params.structure
    volume = read_volume(snakemake.input.volume, block="test", masks=[structure], labels=[structure])
    inside = as_probability(read_array(snakemake.input.probability, "test"))
    row = isbi_row(inside, truth_of(volume, structure, "test"), threads=snakemake.threads)
    write_table(snakemake.output.scores, [dict(snakemake.wildcards.items()) | row], ISBI_COLUMNS)

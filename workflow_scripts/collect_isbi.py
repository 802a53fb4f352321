"""The scores of every run as in the challenge of ISBI 2012 -> one table."""

from synthem.files import write_table
from synthem.log import logged_to
from synthem.metrics.columns import ISBI_COLUMNS
from synthem.tables import read_tables

with logged_to(snakemake.log[0]):
    rows = read_tables([*snakemake.input.real, *snakemake.input.synthetic], ISBI_COLUMNS)
    write_table(snakemake.output.scores, rows, ISBI_COLUMNS)

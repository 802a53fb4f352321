"""The scores of every run -> one long table."""

from synthem.files import write_table
from synthem.log import logged_to
from synthem.metrics.masks import COLUMNS
from synthem.tables import read_table

with logged_to(snakemake.log[0]):
    tables = [*snakemake.input.scores, snakemake.input.baseline]
    write_table(snakemake.output.scores, [row for table in tables for row in read_table(table)], COLUMNS)

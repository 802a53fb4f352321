"""The methods of every run -> one table."""

from synthem.files import write_table
from synthem.log import logged_to
from synthem.tables import read_tables

with logged_to(snakemake.log[0]):
    rows = read_tables([*snakemake.input.real, *snakemake.input.synthetic])
    write_table(snakemake.output.scores, rows, list(rows[0]))

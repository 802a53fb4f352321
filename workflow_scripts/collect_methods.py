"""The methods of every run -> one table."""

from synthem.files import write_table
from synthem.log import logged_to
from synthem.tables import read_table

with logged_to(snakemake.log[0]):
    rows = [row for table in snakemake.input.scores for row in read_table(table)]
    write_table(snakemake.output.scores, rows, list(rows[0]))

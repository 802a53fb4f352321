"""The threshold grids of all seeds -> one picture of their means."""

from synthem.figures.grid import grid_sheet
from synthem.files import write_bytes
from synthem.log import logged_to
from synthem.tables import read_table

with logged_to(snakemake.log[0]):
    rows = [row for path in snakemake.input.grids for row in read_table(path)]
    write_bytes(snakemake.output.figure, grid_sheet(rows))

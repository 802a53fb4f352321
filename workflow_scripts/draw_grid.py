"""The threshold grids of all seeds -> one picture of their means."""

from synthem.figures.grid import grid_sheet
from synthem.files import write_bytes
from synthem.log import logged_to
from synthem.tables import read_tables

with logged_to(snakemake.log[0]):
    rows = read_tables(snakemake.input.grids)
    write_bytes(snakemake.output.figure, grid_sheet(rows))

"""The threshold grids of all seeds -> one picture of their means."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.grid import grid_sheet
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_tables

    rows = read_tables(snakemake.input.grids)
    write_bytes(snakemake.output.figure, grid_sheet(rows))

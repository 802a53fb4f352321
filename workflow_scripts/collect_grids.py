"""The threshold grids of all runs -> one table, a row for each score of a pair of thresholds."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.files import write_table
    from synthem.storage.tables import read_tables
    from synthem.watershed.grids import GRID_COLUMNS, GRID_SCORE_COLUMNS, grid_scores

    rows = read_tables([*snakemake.input.real, *snakemake.input.synthetic], GRID_COLUMNS)
    write_table(snakemake.output.scores, grid_scores(rows), GRID_SCORE_COLUMNS)

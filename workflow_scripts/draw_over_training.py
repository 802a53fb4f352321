"""Scores of every network at some steps of its training -> one picture."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.over_training import over_training_curves
    from synthem.metrics.columns import SNAPSHOT_COLUMNS
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table

    rows = read_table(snakemake.input.scores, SNAPSHOT_COLUMNS)
    write_bytes(snakemake.output.figure, over_training_curves(rows))

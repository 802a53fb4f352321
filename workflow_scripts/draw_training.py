"""Histories of all trainings -> one picture of their losses."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.curves import training_curves
    from synthem.storage.files import write_bytes
    from synthem.training.histories import read_histories

    histories = read_histories(list(snakemake.input))
    write_bytes(snakemake.output.figure, training_curves(histories))

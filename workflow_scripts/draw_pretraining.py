"""Losses of pre-training under several variants -> one picture."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.pretraining import pretraining_plot
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table

    write_bytes(snakemake.output.figure, pretraining_plot(read_table(snakemake.input.table)))

"""Scores of several methods on the same predictions -> one picture."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.methods import methods_plot
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table

    write_bytes(snakemake.output.figure, methods_plot(read_table(snakemake.input.methods)))

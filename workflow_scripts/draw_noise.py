"""Quality of membranes under several variants -> one picture of scores against the noise in training."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.noise import noise_plot
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table

    write_bytes(snakemake.output.figure, noise_plot(read_table(snakemake.input.table)))

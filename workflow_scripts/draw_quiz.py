"""Scores of the blind study -> a picture."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.quiz import quiz_plot
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table

    write_bytes(snakemake.output.figure, quiz_plot(read_table(snakemake.input.scores)))

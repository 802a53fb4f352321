"""The scores of every run as in the challenge of ISBI 2012 -> one table."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import ISBI_COLUMNS
    from synthem.storage.frames import read_frame, write_frame

    scores = read_frame([*snakemake.input.real, *snakemake.input.synthetic], ISBI_COLUMNS)
    write_frame(snakemake.output.scores, scores)

"""The methods of every run, or its scores over the training -> one table."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.frames import read_frame, write_frame

    scores = read_frame([*snakemake.input.real, *snakemake.input.synthetic])
    write_frame(snakemake.output.scores, scores)

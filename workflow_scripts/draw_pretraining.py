"""Histories of pre-training under several variants -> one picture of their losses."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.curves import training_curves
    from synthem.storage.files import write_bytes
    from synthem.training.histories import read_history

    histories = dict(
        zip(snakemake.params.variants, map(read_history, snakemake.input.histories), strict=True)
    )
    title = "Losses of drawing hidden parts, on what is learnt from and on held-out images"
    write_bytes(snakemake.output.figure, training_curves(histories, title))

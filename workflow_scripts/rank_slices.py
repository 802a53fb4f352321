"""Probability of a whole stack -> the slices that are worth labelling next."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.label_next import COLUMNS, label_next, measure_of, slice_doubts
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_table

    with open_arrays(snakemake.input.probability) as predicted:
        rows = label_next(slice_doubts(predicted), measure=measure_of(predicted))
    write_table(snakemake.output.slices, rows, COLUMNS)

"""Probability of a whole stack -> the slices that are worth labelling next."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.label_next import COLUMNS, blank_slices, label_next, measure_of, slice_doubts
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_table

    inputs = snakemake.input
    with open_arrays(inputs.probability) as predicted, open_arrays(inputs.volume) as stack:
        known = {"without": blank_slices(stack["image"]), "labelled": snakemake.params.labelled}
        rows = label_next(slice_doubts(predicted), measure=measure_of(predicted), **known)
    write_table(snakemake.output.slices, rows, COLUMNS)

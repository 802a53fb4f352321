"""Probability of a whole stack -> the slices that are worth labelling next."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.label_next import (
        COLUMNS,
        blank_slices,
        label_next,
        labelled_slices,
        measure_of,
        slice_doubts,
    )
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_table

    inputs, structure = snakemake.input, snakemake.params.structure
    with open_arrays(inputs.probability) as predicted, open_arrays(inputs.volume) as stack:
        doubts, blank = slice_doubts(predicted), blank_slices(stack["image"])
        labelled = labelled_slices(inputs.labelled, structure, len(doubts)) if inputs.labelled else ()
        rows = label_next(doubts, measure=measure_of(predicted), without=blank, labelled=labelled)
    write_table(snakemake.output.slices, rows, COLUMNS)

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
    from synthem.storage.volumes import read_facts

    inputs, params, facts = snakemake.input, snakemake.params, read_facts(snakemake.input.volume)
    with open_arrays(inputs.probability) as predicted, open_arrays(inputs.volume) as stack:
        doubts, blank = slice_doubts(predicted, facts.tiles), blank_slices(stack["image"])
        known = (params.structure, params.own_stack, len(doubts))
        labelled = labelled_slices(inputs.labelled, *known) if inputs.labelled else ()
        ranked = {"measure": measure_of(predicted), "linked": facts.linked}
        rows = label_next(doubts, **ranked, without=blank, labelled=labelled)
    write_table(snakemake.output.slices, rows, COLUMNS)

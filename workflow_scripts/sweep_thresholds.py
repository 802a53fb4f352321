"""Probability of validation slices -> scores of every pair of thresholds of the membrane watershed."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_table
    from synthem.watershed.comparing import grid_rows
    from synthem.watershed.grids import GRID_COLUMNS
    from synthem.watershed.tuning import validation_of

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    known = {name: params[name] for name in ("structure", "target", "median_slices")}
    validation = validation_of(inputs.probability, inputs.volume, draw.validation, **known)
    rows = grid_rows(*validation, settings=params.settings, threads=snakemake.threads)
    about = dict(run.items()) | {"labelled_slices": draw.count}
    write_table(snakemake.output.grid, [about | row for row in rows], GRID_COLUMNS)

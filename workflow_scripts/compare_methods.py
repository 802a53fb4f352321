"""Probabilities of one run -> scores of several methods, each tuned on validation slices."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.truth import truth_of
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.comparing import METHOD_COLUMNS, method_rows
    from synthem.watershed.predictions import read_prediction
    from synthem.watershed.tuning import validation_of

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    read = {"target": params.target, "median_slices": params.median_slices}
    held_out = inputs.probability, inputs.volume, draw.validation
    validation = validation_of(*held_out, structure=params.structure, **read)
    volume = read_volume(inputs.volume, block="test", masks=[params.structure])
    test = (
        read_prediction(inputs.probability, "test", volume.facts, **read),
        truth_of(volume, params.structure, "test"),
    )
    rows = method_rows(
        validation, test, methods=params.methods, tune_by=params.tune_by, threads=snakemake.threads
    )
    about = dict(run.items()) | {"labelled_slices": draw.count}
    write_table(snakemake.output.scores, [about | row for row in rows], METHOD_COLUMNS)

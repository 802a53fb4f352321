"""Probabilities of the test block and its true instances -> scores as in the challenge of ISBI 2012."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import ISBI_COLUMNS
    from synthem.metrics.rows import isbi_row
    from synthem.metrics.truth import truth_of
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.predictions import read_prediction

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    structure, read = params.structure, {name: params[name] for name in ("target", "median_slices")}
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    volume = read_volume(inputs.volume, block="test", masks=[structure], labels=[structure])
    prediction = read_prediction(inputs.probability, "test", volume.facts, **read)
    row = isbi_row(prediction.inside, truth_of(volume, structure, "test"), threads=snakemake.threads)
    about = dict(run.items()) | {"labelled_slices": draw.count}
    write_table(snakemake.output.scores, [about | row], ISBI_COLUMNS)

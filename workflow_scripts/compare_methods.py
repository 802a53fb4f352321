"""Probabilities of one run -> scores of several methods, each tuned on the validation block."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.truth import truth_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.comparing import METHOD_COLUMNS, method_rows
    from synthem.watershed.predictions import read_prediction

    params = snakemake.params
    predictions, truths = {}, {}
    for block in ("validation", "test"):
        volume = read_volume(snakemake.input.volume, block=block, masks=[params.structure])
        predictions[block] = read_prediction(snakemake.input.probability, block, volume.facts, params.target)
        truths[block] = truth_of(volume, params.structure, block)
    rows = method_rows(
        predictions, truths, methods=params.methods, tune_by=params.tune_by, threads=snakemake.threads
    )
    run = dict(snakemake.wildcards.items())
    write_table(snakemake.output.scores, [run | row for row in rows], METHOD_COLUMNS)

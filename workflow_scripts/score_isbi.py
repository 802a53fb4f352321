"""Probabilities of the test block and its true instances -> scores as in the challenge of ISBI 2012."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import ISBI_COLUMNS
    from synthem.metrics.rows import isbi_row
    from synthem.metrics.truth import truth_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.predictions import read_prediction

    structure, target = snakemake.params.structure, snakemake.params.target
    volume = read_volume(snakemake.input.volume, block="test", masks=[structure], labels=[structure])
    prediction = read_prediction(snakemake.input.probability, "test", volume.facts, target)
    row = isbi_row(prediction.inside, truth_of(volume, structure, "test"), threads=snakemake.threads)
    write_table(snakemake.output.scores, [dict(snakemake.wildcards.items()) | row], ISBI_COLUMNS)

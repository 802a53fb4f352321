"""Probability of the validation block -> scores of every pair of thresholds of the membrane watershed."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.truth import truth_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.comparing import GRID_COLUMNS, grid_rows
    from synthem.watershed.predictions import read_prediction

    params = snakemake.params
    volume = read_volume(snakemake.input.volume, block="validation", masks=[params.structure])
    rows = grid_rows(
        read_prediction(snakemake.input.probability, "validation", volume.facts, params.target),
        truth_of(volume, params.structure, "validation"),
        settings=params.settings,
        threads=snakemake.threads,
    )
    run = dict(snakemake.wildcards.items())
    write_table(snakemake.output.grid, [run | row for row in rows], GRID_COLUMNS)

"""True masks that no network may see -> a file of their own."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.ingest.ingesting import withhold

    withhold(snakemake.output.truth, snakemake.params.volume)

"""A user's files -> the canonical volume."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.ingest.ingesting import ingest

    volume, split = snakemake.params.volume, snakemake.params.split
    ingest(snakemake.output.volume, volume, split=split, content=snakemake.params.content)

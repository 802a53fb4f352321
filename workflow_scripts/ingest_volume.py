"""A user's files -> the canonical volume."""

from synthem.ingest import ingest
from synthem.log import logged_to
from synthem.volumes import write_volume

with logged_to(snakemake.log[0]):
    sources, split = snakemake.params.sources, snakemake.params.split
    write_volume(snakemake.output.volume, ingest(sources, split=split, content=snakemake.params.content))

"""True masks that no network may see -> a file of their own."""

from synthem.ingest import read_masks
from synthem.log import logged_to
from synthem.volumes import write_arrays

with logged_to(snakemake.log[0]):
    write_arrays(snakemake.output.truth, read_masks(snakemake.params.sources), {})

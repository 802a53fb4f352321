"""Embedded data, as a user's files would be."""

from synthem.log import logged_to
from synthem.phantom import make_phantom
from synthem.phantom_files import write_phantom

with logged_to(snakemake.log[0]):
    write_phantom(snakemake.output.folder, make_phantom(**snakemake.params.phantom))

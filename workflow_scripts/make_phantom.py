"""Embedded data, as a user's files would be."""

from synthem.log import logged_to
from synthem.phantoms.files import write_phantom
from synthem.phantoms.volumes import make_phantom

with logged_to(snakemake.log[0]):
    write_phantom(snakemake.output.folder, make_phantom(**snakemake.params.phantom))

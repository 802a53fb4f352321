"""Embedded data, as a user's files would be."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.phantoms.kinds import make_phantom
    from synthem.phantoms.writing import write_phantom

    write_phantom(snakemake.output.folder, make_phantom(**snakemake.params.phantom))

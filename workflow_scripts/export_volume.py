"""A canonical volume -> a folder that other programs open."""

from synthem.exports.formats import export
from synthem.log import logged_to
from synthem.volumes import open_volume

with logged_to(snakemake.log[0]):
    with open_volume(snakemake.input.volume) as volume:
        export(
            snakemake.output.folder,
            volume,
            format=snakemake.wildcards.format,
            options=snakemake.params.options,
        )

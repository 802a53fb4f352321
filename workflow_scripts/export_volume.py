"""A canonical volume -> a folder that other programs open."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.exports.formats import export
    from synthem.storage.volumes import open_volume

    with open_volume(snakemake.input.volume) as volume:
        export(
            snakemake.output.folder,
            volume,
            format=snakemake.wildcards.format,
            options=snakemake.params.options,
        )

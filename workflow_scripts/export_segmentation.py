"""A segmentation of the test block, the image and the truth -> a folder that other programs open."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.exports.formats import export
    from synthem.exports.segmented import open_segmentation

    segmentation, volume = snakemake.input.segmentation, snakemake.input.volume
    with open_segmentation(segmentation, volume=volume, structure=snakemake.params.structure) as block:
        export(snakemake.output.folder, block, format=snakemake.wildcards.format)

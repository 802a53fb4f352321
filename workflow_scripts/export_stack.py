"""The segmentation of a whole stack, its image and its confidence -> a folder that other programs open."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.exports.formats import export
    from synthem.exports.segmented import StoredMap, open_segmentation
    from synthem.storage.arrays import open_arrays

    segmentation, volume = snakemake.input.segmentation, snakemake.input.volume
    with (
        open_segmentation(segmentation, volume=volume, structure=snakemake.params.structure) as stack,
        open_arrays(segmentation) as found,
    ):
        confidence = StoredMap(found["confidence"], stack.facts)
        format = snakemake.wildcards.format
        beside = {} if format == "mesh" else {"confidence": confidence}
        export(snakemake.output.folder, stack, format=format, beside=beside)

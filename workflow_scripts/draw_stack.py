"""A segmented stack -> some slices of it: image, instances, confidence."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.applied import applied_sheet, slices_to_show
    from synthem.metrics.label_next import read_label_next
    from synthem.storage.arrays import read_array
    from synthem.storage.files import write_bytes
    from synthem.storage.volumes import open_volume

    given = snakemake.input
    (first, *_), _ = read_label_next(given.slices)
    with open_volume(given.volume) as volume:
        shown = slices_to_show(volume.shape[0], first["slice"])
        voxel_size_nm = volume.facts.voxel_size_nm
    block = [(z, z + 1) for z in shown]
    images = read_array(given.volume, "image", block=block)
    labels, confidence = (
        read_array(given.segmentation, name, block=block) for name in ("labels", "confidence")
    )
    write_bytes(
        snakemake.output.figure,
        applied_sheet(images, labels, confidence, list(shown.values()), voxel_size_nm),
    )

"""Segmentations of the test block -> the best and the worst slices, with the truth."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.segmentations import ranked_slices, segmentation_sheet, slice_ious
    from synthem.storage.arrays import read_array
    from synthem.storage.files import write_bytes
    from synthem.storage.volumes import read_volume
    from synthem.training.histories import arm_of

    params = snakemake.params
    volume = read_volume(snakemake.input.volume, block="test", masks=[params.structure])
    truth, ignore = volume.masks[params.structure], volume.ignore.get(params.structure)
    paths = {arm_of(path): path for path in [*snakemake.input.real, *snakemake.input.synthetic]}
    ious = {arm: slice_ious(read_array(path, "mask"), truth, ignore) for arm, path in paths.items()}
    rows = ranked_slices(ious[params.reference])
    shown = [(z, z + 1) for z in rows.values()]
    labels = {arm: read_array(path, "labels", block=shown) for arm, path in paths.items()}
    chosen = {"structure": params.structure, "reference": params.reference}
    write_bytes(snakemake.output.figure, segmentation_sheet(volume, labels, ious, rows, **chosen))

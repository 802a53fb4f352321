"""Segmentations of the test block -> slices of the best and the worst replicate, with the truth."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.segmentations import (
        Replicate,
        extreme_replicates,
        ranked_slices,
        segmentation_sheets,
        slice_ious,
    )
    from synthem.storage.arrays import read_array
    from synthem.storage.files import write_bytes
    from synthem.storage.naming import run_of
    from synthem.storage.tables import read_table
    from synthem.storage.volumes import read_volume

    given, params, budget = snakemake.input, snakemake.params, snakemake.wildcards.budget
    volume = read_volume(given.volume, block="test", masks=[params.structure])
    truth, ignore = volume.masks[params.structure], volume.ignore.get(params.structure)
    paths = {run_of(path): path for path in [*given.real, *given.synthetic]}
    replicates = {}
    chosen = extreme_replicates(read_table(given.scores), arm=params.reference, budget=budget)
    for words, number in chosen.items():
        own = {run.name: path for run, path in paths.items() if run.replicate == number}
        ious = {arm: slice_ious(read_array(path, "mask"), truth, ignore) for arm, path in own.items()}
        rows = ranked_slices(ious[params.reference])
        shown = [(z, z + 1) for z in rows.values()]
        labels, marked = (
            {arm: read_array(path, name, block=shown) for arm, path in own.items()}
            for name in ("labels", "mask")
        )
        replicates[words] = Replicate(labels, ious, rows, marked)
    settings = {"structure": params.structure, "reference": params.reference}
    write_bytes(snakemake.output.figure, segmentation_sheets(volume, replicates, **settings))

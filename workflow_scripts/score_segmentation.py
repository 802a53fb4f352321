"""A segmentation of the test block and the truth -> scores."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.metrics.rows import partition_rows, score_rows
    from synthem.metrics.truth import truth_of
    from synthem.storage.arrays import read_array
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import read_json, write_table
    from synthem.storage.volumes import read_volume

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    structure, threads = params.structure, snakemake.threads
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    volume = read_volume(inputs.volume, block="test", masks=[structure])
    truth = truth_of(volume, structure, "test")
    mask, labels = (read_array(inputs.segmentation, name) for name in ("mask", "labels"))
    scores = score_rows(mask, labels, truth, threads=threads, **params.metrics)
    partitions = partition_rows(labels, truth, threads=threads)
    about = dict(run.items()) | {"labelled_slices": draw.count}
    threshold = {"threshold": read_json(inputs.threshold)["threshold"]}
    write_table(snakemake.output.scores, [about | threshold | row for row in scores], SCORE_COLUMNS)
    write_table(snakemake.output.partitions, [about | row for row in partitions], PARTITION_COLUMNS)

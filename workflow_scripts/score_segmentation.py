"""A segmentation of the test block and the truth -> scores."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.metrics.rows import partition_rows, score_rows
    from synthem.metrics.truth import truth_of
    from synthem.storage.arrays import read_array
    from synthem.storage.files import read_json, write_table
    from synthem.storage.volumes import read_volume

    structure, threads = snakemake.params.structure, snakemake.threads
    volume = read_volume(snakemake.input.volume, block="test", masks=[structure])
    truth = truth_of(volume, structure, "test")
    mask, labels = (read_array(snakemake.input.segmentation, name) for name in ("mask", "labels"))
    scores = score_rows(mask, labels, truth, threads=threads, **snakemake.params.metrics)
    partitions = partition_rows(labels, truth, threads=threads)
    run = dict(snakemake.wildcards.items())
    threshold = {"threshold": read_json(snakemake.input.threshold)["threshold"]}
    write_table(snakemake.output.scores, [run | threshold | row for row in scores], SCORE_COLUMNS)
    write_table(snakemake.output.partitions, [run | row for row in partitions], PARTITION_COLUMNS)

"""A random forest on filter responses, taught by the labelled slices of a draw -> its scores."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.kernels.medians import median_of_slices
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.metrics.forest import Forest
    from synthem.metrics.rows import partition_rows, score_rows
    from synthem.metrics.truth import truth_of
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.methods import segment_mask

    params, path, run = snakemake.params, snakemake.input.volume, snakemake.wildcards
    structure, threads = params.structure, snakemake.threads
    draw = draw_of(path, budget=run.budget, replicate=run.replicate, **params.labels)
    known = read_volume(path, block="labelled", drawn=draw.labelled, masks=[structure], labels=[])
    forest = Forest(seed=int(run.replicate), threads=threads, **params.forest)
    forest.learn(known.image, known.masks[structure], known.ignore.get(structure))
    test = read_volume(path, block="test", masks=[structure])
    truth = truth_of(test, structure, "test")
    median_slices = params.median_slices if test.facts.linked_in("test") else 1
    mask = median_of_slices(forest.mask(test.image), median_slices)
    labels = segment_mask(mask, facts=test.facts, block="test", threads=threads, **params.watershed)
    about = dict(run.items()) | {"arm": "forest", "labelled_slices": draw.count}
    rows = score_rows(mask, labels, truth, threads=threads, **params.metrics)
    rows = [about | {"threshold": forest.threshold} | row for row in rows]
    write_table(snakemake.output.scores, rows, SCORE_COLUMNS)
    rows = [about | row for row in partition_rows(labels, truth, threads=threads)]
    write_table(snakemake.output.partitions, rows, PARTITION_COLUMNS)

"""Answers that need no network, tuned on the other blocks -> scores on the test block."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from functools import partial

    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.metrics.rows import partition_rows, score_rows
    from synthem.metrics.trivial import trivial_answers
    from synthem.metrics.truth import truth_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.methods import segment_mask

    structure, threads = snakemake.params.structure, snakemake.threads
    train, validation, test = (
        read_volume(snakemake.input.volume, block=block, masks=[structure])
        for block in ("train", "validation", "test")
    )
    truth = truth_of(test, structure, "test")
    cut = partial(segment_mask, facts=test.facts, block="test", **snakemake.params.watershed)
    scores, partitions = [], []
    for name, answer in trivial_answers(train, validation, test, structure=structure, cut=cut):
        say(f"{name}: threshold {answer.threshold}, smoothed by {answer.sigma_px} pixels")
        run = {"volume": snakemake.wildcards.volume, "arm": name}
        labels, threshold = answer.labels, {"threshold": answer.threshold}
        rows = score_rows(labels > 0, labels, truth, threads=threads, **snakemake.params.metrics)
        scores += [run | threshold | row for row in rows]
        partitions += [run | row for row in partition_rows(labels, truth, threads=threads)]
    write_table(snakemake.output.scores, scores, SCORE_COLUMNS)
    write_table(snakemake.output.partitions, partitions, PARTITION_COLUMNS)

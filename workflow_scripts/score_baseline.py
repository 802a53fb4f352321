"""Answers that need no network, tuned on the labelled slices of a draw -> scores on the test block."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from functools import partial

    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.metrics.rows import partition_rows, score_rows
    from synthem.metrics.trivial import trivial_answers
    from synthem.metrics.truth import truth_of
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_table
    from synthem.storage.volumes import read_volume
    from synthem.watershed.methods import segment_mask

    params, path, run = snakemake.params, snakemake.input.volume, snakemake.wildcards
    structure, threads = params.structure, snakemake.threads
    draw = draw_of(path, budget=run.budget, replicate=run.replicate, **params.labels)
    known = read_volume(path, block="labelled", drawn=draw.labelled, masks=[structure], labels=[])
    test = read_volume(path, block="test", masks=[structure])
    truth = truth_of(test, structure, "test")
    median_slices = params.median_slices if test.facts.linked_in("test") else 1
    cut = partial(segment_mask, facts=test.facts, block="test", threads=threads, **params.watershed)
    scores, partitions = [], []
    how = {"cut": cut, "median_slices": median_slices, "threads": threads}
    for name, answer in trivial_answers(known, test, structure=structure, **how):
        say(f"{name}: threshold {answer.threshold}, smoothed by {answer.sigma_px} pixels")
        about = dict(run.items()) | {"arm": name, "labelled_slices": draw.count}
        threshold = {"threshold": answer.threshold}
        rows = score_rows(answer.mask, answer.labels, truth, threads=threads, **params.metrics)
        scores += [about | threshold | row for row in rows]
        partitions += [about | row for row in partition_rows(answer.labels, truth, threads=threads)]
    write_table(snakemake.output.scores, scores, SCORE_COLUMNS)
    write_table(snakemake.output.partitions, partitions, PARTITION_COLUMNS)

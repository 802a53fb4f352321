"""The best single grey threshold, tuned on the training block -> scores on the test block."""

from synthem.files import write_table
from synthem.log import logged_to, say
from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
from synthem.metrics.masks import BASELINE, apply_global_threshold, best_global_threshold
from synthem.metrics.rows import partition_rows, score_rows
from synthem.metrics.truth import truth_of
from synthem.volumes import read_volume
from synthem.watershed.methods import segment_mask

with logged_to(snakemake.log[0]):
    structure, threads = snakemake.params.structure, snakemake.threads
    train, test = (
        read_volume(snakemake.input.volume, block=block, masks=[structure]) for block in ("train", "test")
    )
    best = best_global_threshold(train.image, train.masks[structure], train.ignore.get(structure))
    say(f"{best}")
    mask = apply_global_threshold(test.image, best["threshold"], best["dark"])
    labels = segment_mask(mask, test.facts, "test", **snakemake.params.watershed)
    truth = truth_of(test, structure, "test")
    scores = score_rows(labels > 0, labels, truth, threads=threads, **snakemake.params.metrics)
    partitions = partition_rows(labels, truth, threads=threads)
    run = {"volume": snakemake.wildcards.volume, "arm": BASELINE}
    threshold = {"threshold": best["threshold"]}
    write_table(snakemake.output.scores, [run | threshold | row for row in scores], SCORE_COLUMNS)
    write_table(snakemake.output.partitions, [run | row for row in partitions], PARTITION_COLUMNS)

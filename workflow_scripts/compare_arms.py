"""The long tables -> means over seeds, every arm against the reference, and the answer in words."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.comparison.answers import headline, verdict_sentence
    from synthem.comparison.learning import unlearnt
    from synthem.comparison.statistics import COMPARISON_COLUMNS, compare
    from synthem.comparison.summaries import (
        DIFFERENCE_COLUMNS,
        OF_PARTITION,
        OF_RUN,
        PARTITION_SUMMARY_COLUMNS,
        SUMMARY_COLUMNS,
        differences,
        slice_means,
        summarise,
    )
    from synthem.metrics.definitions import PARTITIONS, SCORES
    from synthem.storage.files import write_json, write_table
    from synthem.storage.tables import read_table
    from synthem.training.histories import read_losses

    made, settings = snakemake.output, snakemake.params.comparison
    reference, confidence = snakemake.params.reference, settings["confidence"]
    scores, partitions = (read_table(snakemake.input[name]) for name in ("scores", "partitions"))
    without_answer = unlearnt(
        scores,
        read_losses(snakemake.input.histories),
        reference=reference,
        least_gain=settings["smallest_effect"],
        stops_early=snakemake.params.stops_early,
    )
    comparisons = compare(scores, reference=reference, unlearnt=without_answer, **settings)
    answer = {
        "headline": headline(comparisons, structure=snakemake.params.structure),
        "sentences": [verdict_sentence(row) for row in comparisons],
        "unlearnt": [{"fraction": fraction, "reason": reason} for fraction, reason in without_answer.items()],
        "confidence": confidence,
        "smallest_effect": settings["smallest_effect"],
    }
    say(answer["headline"])
    write_table(made.comparison, comparisons, COMPARISON_COLUMNS)
    write_json(made.verdict, answer)

    of_scores = {"metrics": SCORES, "of": OF_RUN, "confidence": confidence}
    partitions += slice_means(partitions, PARTITIONS, of=OF_PARTITION)
    of_partitions = {"metrics": PARTITIONS, "of": OF_PARTITION, "confidence": confidence}
    write_table(made.summary, summarise(scores, **of_scores), SUMMARY_COLUMNS)
    write_table(made.partition_summary, summarise(partitions, **of_partitions), PARTITION_SUMMARY_COLUMNS)
    rows = differences(scores, reference=reference, **of_scores)
    rows += differences(partitions, reference=reference, **of_partitions)
    write_table(made.differences, rows, DIFFERENCE_COLUMNS)

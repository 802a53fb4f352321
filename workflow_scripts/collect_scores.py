"""The scores of every run -> long tables, with a row for each arm that could not be trained."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.storage.files import read_json, write_table
    from synthem.storage.tables import in_order, read_tables
    from synthem.synthesis.acceptance import untrained_rows

    given, made, params = snakemake.input, snakemake.output, snakemake.params
    scores = read_tables([*given.real, *given.synthetic, given.baseline], SCORE_COLUMNS)
    partitions = read_tables(
        [*given.real_partitions, *given.synthetic_partitions, given.baseline_partitions], PARTITION_COLUMNS
    )
    scores += untrained_rows(
        [read_json(path) for path in given.decisions],
        volume=snakemake.wildcards.volume,
        arms=params.synthetic_arms,
    )
    write_table(made.scores, in_order(scores, params.arms), SCORE_COLUMNS)
    write_table(made.partitions, in_order(partitions, params.arms), PARTITION_COLUMNS)

"""The scores of every run -> long tables."""

from synthem.files import write_table
from synthem.log import logged_to
from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
from synthem.tables import read_tables

with logged_to(snakemake.log[0]):
    given, made = snakemake.input, snakemake.output
    write_table(made.scores, read_tables([*given.scores, given.baseline], SCORE_COLUMNS), SCORE_COLUMNS)
    write_table(
        made.partitions,
        read_tables([*given.partitions, given.baseline_partitions], PARTITION_COLUMNS),
        PARTITION_COLUMNS,
    )

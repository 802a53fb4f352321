"""The scores of every run as in the challenge of ISBI 2012 -> one table."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.columns import ISBI_COLUMNS
    from synthem.storage.files import write_table
    from synthem.storage.tables import read_tables

    rows = read_tables([*snakemake.input.real, *snakemake.input.synthetic], ISBI_COLUMNS)
    write_table(snakemake.output.scores, rows, ISBI_COLUMNS)

"""The methods of every run -> one table."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.files import write_table
    from synthem.storage.tables import read_tables

    rows = read_tables([*snakemake.input.real, *snakemake.input.synthetic])
    write_table(snakemake.output.scores, rows, list(rows[0]))

"""What was found wrong with each generator while it trained -> one table."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.files import read_json, write_table
    from synthem.synthesis.acceptance import COLLAPSE_COLUMNS, collapse_rows

    found = {path: read_json(path) for path in snakemake.input.findings}
    rows = collapse_rows(found, data_sets=snakemake.params.data_sets)
    write_table(snakemake.output.table, rows, COLLAPSE_COLUMNS)

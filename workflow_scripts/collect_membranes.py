"""Quality of membranes predicted under several variants -> one table."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.membrane_rows import COLUMNS, source_rows, target_rows
    from synthem.storage.files import read_json, write_table

    params, inputs = snakemake.params, snakemake.input
    rows = [
        variant | {"volume": volume} | row
        for volume, files, rows_of in (
            (params.source, inputs.source, source_rows),
            (snakemake.wildcards.volume, inputs.target, target_rows),
        )
        for variant, path in zip(params.variants, files, strict=bool(files))
        for row in rows_of(read_json(path))
    ]
    write_table(snakemake.output.table, rows, COLUMNS)

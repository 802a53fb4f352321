"""Histories of pre-training under several variants -> one table of their losses."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.files import write_table
    from synthem.training.histories import read_history
    from synthem.training.loss_tables import COLUMNS, loss_rows

    params, volume = snakemake.params, {"volume": snakemake.wildcards.volume}
    histories = zip(params.batch_sizes.items(), snakemake.input.histories, strict=True)
    rows = [
        {"variant": variant} | volume | row
        for (variant, batch_size), path in histories
        for row in loss_rows(read_history(path), batch_size=batch_size)
    ]
    write_table(snakemake.output.table, rows, COLUMNS)

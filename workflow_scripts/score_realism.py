"""Features of patches -> how far generated ones lie from real ones, and real ones from real ones."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.realism.measurements import (
        COLUMNS,
        FLOOR_COLUMNS,
        floor_rows,
        read_measured,
        realism_rows,
    )
    from synthem.storage.files import write_table

    measured, about = read_measured(snakemake.input.features), dict(snakemake.wildcards.items())
    floors = floor_rows(measured)
    rows = realism_rows(measured, floors)
    write_table(snakemake.output.scores, [about | row for row in rows], COLUMNS)
    write_table(snakemake.output.floors, [about | row for row in floors], FLOOR_COLUMNS)

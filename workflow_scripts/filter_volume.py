"""Synthetic slices -> those that are enough like real ones, as a canonical volume."""

from synthem.conditions import labelled_examples
from synthem.files import write_table
from synthem.log import logged_to, say
from synthem.synthesis import FILTER_COLUMNS, filter_slices
from synthem.volumes import keep_slices, read_volume, write_volume

with logged_to(snakemake.log[0]):
    inputs, conditions = snakemake.input, snakemake.params.conditions
    fraction = float(snakemake.wildcards.fraction)
    candidates = read_volume(inputs.candidates)
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, fraction=fraction)
    rows = filter_slices(
        candidates.image,
        candidates.masks,
        reference_image=real.image,
        reference_masks=real.masks,
        reference_ignore=real.ignore,
        structure=conditions[0],
        **snakemake.params.filter,
    )
    say(f"{sum(row['kept'] for row in rows)} of {len(rows)} slices kept")
    write_volume(snakemake.output.volume, keep_slices(candidates, [row["kept"] for row in rows]))
    write_table(snakemake.output.table, rows, FILTER_COLUMNS)

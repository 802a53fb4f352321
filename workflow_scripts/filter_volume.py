"""Synthetic slices -> those that are enough like real ones, as a canonical volume."""

from synthem.files import write_table
from synthem.log import logged_to, say
from synthem.splits import labelled_slices
from synthem.synthesis import FILTER_COLUMNS, filter_slices
from synthem.volumes import keep_slices, read_volume, write_volume

with logged_to(snakemake.log[0]):
    structure = snakemake.params.structure
    candidates = read_volume(snakemake.input.candidates)
    real = read_volume(snakemake.input.volume, block="train", masks=[structure], labels=[])
    first, end = labelled_slices(real.blocks, float(snakemake.wildcards.fraction))
    rows = filter_slices(
        candidates.image,
        candidates.masks,
        reference_image=real.image[: end - first],
        reference_masks={structure: real.masks[structure][: end - first]},
        structure=structure,
        **snakemake.params.filter,
    )
    say(f"{sum(row['kept'] for row in rows)} of {len(rows)} slices kept")
    write_volume(snakemake.output.volume, keep_slices(candidates, [row["kept"] for row in rows]))
    write_table(snakemake.output.table, rows, FILTER_COLUMNS)

"""Synthetic slices -> a picture of real, condition and generated, kept and rejected."""

from synthem.figures_synthesis import synthesis_sheet
from synthem.files import write_bytes
from synthem.log import logged_to
from synthem.tables import read_table
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    rows = read_table(snakemake.input.table)
    sheet = synthesis_sheet(
        read_volume(snakemake.input.repainted),
        read_volume(snakemake.input.candidates),
        [row["kept"] for row in rows],
        structure=snakemake.params.structure,
        deviation=[row["deviation"] for row in rows],
    )
    write_bytes(snakemake.output.figure, sheet)

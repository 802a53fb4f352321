"""A canonical volume -> PNG slices and .npz pairs."""

from synthem.export import export_pairs, export_png
from synthem.log import logged_to
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    volume = read_volume(snakemake.input.volume)
    export_png(snakemake.output.png, volume)
    export_pairs(snakemake.output.pairs, volume)

"""A volume -> its image, masks and both, from every block."""

from synthem.figures.volumes import volume_sheet
from synthem.files import write_bytes
from synthem.log import logged_to
from synthem.volumes import read_volume

with logged_to(snakemake.log[0]):
    volume = read_volume(snakemake.input.volume, labels=[])
    write_bytes(snakemake.output.figure, volume_sheet(volume, snakemake.params.structure))

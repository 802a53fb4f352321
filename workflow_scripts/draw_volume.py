"""A volume -> its image, masks and both, from every block."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.volume_sheets import volume_sheet
    from synthem.storage.files import write_bytes
    from synthem.storage.volumes import read_volume

    volume = read_volume(snakemake.input.volume, labels=[])
    write_bytes(snakemake.output.figure, volume_sheet(volume, snakemake.params.structure))

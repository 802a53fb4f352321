"""A data set that was made without a generator -> its slices, their objects outlined."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.pairs import pairs_sheet
    from synthem.storage.files import write_bytes
    from synthem.storage.volumes import read_volume

    volume = read_volume(snakemake.input.volume, labels=[])
    write_bytes(snakemake.output.figure, pairs_sheet(volume, structure=snakemake.params.structure))

"""Predicted membranes -> a picture beside the image, and beside the truth where it was withheld."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.volume_sheets import membrane_sheet
    from synthem.storage.arrays import as_probability, read_array
    from synthem.storage.files import write_bytes
    from synthem.storage.volumes import read_ignore, read_volume

    membrane, truth = snakemake.input.membrane, snakemake.input.get("truth")
    sheet = membrane_sheet(
        read_volume(snakemake.input.volume, masks=[], labels=[]),
        read_array(membrane, "membrane"),
        as_probability(read_array(membrane, "probability")),
        read_array(truth, "membrane") if truth else None,
        read_ignore(truth, "membrane") if truth else None,
        unlabelled=not snakemake.params.beside,
    )
    write_bytes(snakemake.output.figure, sheet)

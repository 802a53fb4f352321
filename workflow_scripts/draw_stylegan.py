"""Images from nothing but chance, and real ones -> one picture of both."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.stylegan import stylegan_sheet
    from synthem.storage.arrays import read_array, read_attributes
    from synthem.storage.files import write_bytes

    samples = snakemake.input.samples
    sheet = stylegan_sheet(
        read_array(samples, "real"),
        read_array(samples, "generated"),
        columns=snakemake.params.columns,
        voxel_size_nm=read_attributes(samples)["voxel_size_nm"],
    )
    write_bytes(snakemake.output.figure, sheet)

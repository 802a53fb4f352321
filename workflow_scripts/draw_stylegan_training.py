"""Images of the same random numbers after some steps of a training -> one picture."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.stylegan import stylegan_training_sheet
    from synthem.storage.arrays import open_arrays, read_attributes
    from synthem.storage.files import write_bytes

    samples = snakemake.input.samples
    with open_arrays(samples) as stored:
        after = {int(step): stored[f"after/{step}"][...] for step in stored.names("after")}
    sheet = stylegan_training_sheet(after, voxel_size_nm=read_attributes(samples)["voxel_size_nm"])
    write_bytes(snakemake.output.figure, sheet)

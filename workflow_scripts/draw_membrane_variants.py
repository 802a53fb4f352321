"""Membranes of a target that several networks predict -> one picture of them."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.membrane_variants import membrane_variants_sheet
    from synthem.storage.arrays import read_array, read_attributes
    from synthem.storage.files import write_bytes
    from synthem.storage.splits import spread_slices
    from synthem.storage.volumes import read_blocks

    params, inputs = snakemake.params, snakemake.input
    slices = spread_slices(read_blocks(inputs.volume)["train"], params.slices)
    block = [(z, z + 1) for z in slices]
    predicted = {
        name: read_array(path, "membrane", block=block)
        for name, path in zip(params.variants, inputs.membranes, strict=True)
    }
    sheet = membrane_variants_sheet(
        read_array(inputs.volume, "image", block=block),
        predicted,
        slices=slices,
        voxel_size_nm=read_attributes(inputs.volume)["voxel_size_nm"],
    )
    write_bytes(snakemake.output.figure, sheet)

"""Hidden parts of images, drawn by a network -> one picture beside what was there."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.completed import completed_sheet
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_bytes

    with open_arrays(snakemake.input.images) as file:
        arrays = {name: file[name][...] for name in ("true", "hidden", "drawn")}
        facts = {name: file.attrs[name] for name in ("snapshots", "voxel_size_nm")}
    write_bytes(snakemake.output.figure, completed_sheet(**arrays, **facts))

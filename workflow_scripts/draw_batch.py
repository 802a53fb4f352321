"""The first batch of a training -> one picture of its patches, before and after changes, with targets."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.batch import batch_sheet
    from synthem.storage.arrays import open_arrays
    from synthem.storage.files import write_bytes

    with open_arrays(snakemake.input.batch) as file:
        arrays = {name: file[f"seen/{name}"][...] for name in ("target", "known")}
        arrays |= {group: file[f"{group}/image"][...] for group in ("unchanged", "seen")}
        facts = {name: file.attrs[name] for name in ("data_sets", "target", "steps", "voxel_size_nm")}
    write_bytes(snakemake.output.figure, batch_sheet(**arrays, kind=facts.pop("target"), **facts))

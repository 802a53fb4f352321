"""A segmentation of the test block and the truth -> both in three dimensions, side by side."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.surfaces import surface_sheet
    from synthem.storage.arrays import read_array
    from synthem.storage.files import write_bytes
    from synthem.storage.ignore import blanked
    from synthem.storage.naming import percent
    from synthem.storage.volumes import read_volume

    given, structure = snakemake.input, snakemake.params.structure
    volume = read_volume(given.volume, block="test", masks=[structure], labels=[])
    masks = {
        "truth": volume.masks[structure],
        snakemake.wildcards.arm: read_array(given.segmentation, "mask"),
    }
    known = {name: blanked(mask, volume.ignore.get(structure)) for name, mask in masks.items()}
    shown = {f"{name}: {percent(mask.mean())} of the block": mask for name, mask in known.items()}
    write_bytes(snakemake.output.figure, surface_sheet(shown, volume.voxel_size_nm))

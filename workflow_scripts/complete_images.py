"""A generator, at its snapshots and at the end, and images new to it -> what it draws of hidden parts."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from pathlib import Path

    from synthem.compute.devices import compute_as
    from synthem.gans.completing import completed_images
    from synthem.networks.boundless import BoundlessGenerator, BoundlessSegmenter
    from synthem.networks.saving import load_network
    from synthem.patches.places import PatchSet
    from synthem.storage.arrays import read_array, read_attributes, write_arrays
    from synthem.storage.volumes import read_blocks
    from synthem.training.snapshots import snapshot_name

    params, inputs = snakemake.params, snakemake.input
    compute_as(**params.compute)
    files = [Path(inputs.snapshots) / snapshot_name(step) for step in params.snapshots]
    networks = [load_network(path, {"boundless": BoundlessGenerator}) for path in [*files, inputs.network]]
    image = read_array(inputs.volume, "image", block=read_blocks(inputs.volume)["test"])
    examples = PatchSet("held out", image).seen_in(BoundlessSegmenter.greys)
    steps = {"voxel_size_nm": read_attributes(inputs.volume)["voxel_size_nm"], "snapshots": params.snapshots}
    write_arrays(snakemake.output.images, completed_images(networks, examples, **params.shown), steps)

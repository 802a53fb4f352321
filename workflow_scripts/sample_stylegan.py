"""A generator that draws from nothing but chance -> some of its images, and as many real ones."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as
    from synthem.gans.growing import growth
    from synthem.gans.sampling import drawn_images, images_over_training, real_images
    from synthem.networks.saving import load_network
    from synthem.networks.stylegan import StyleGenerator
    from synthem.storage.arrays import read_array, read_attributes, write_arrays
    from synthem.storage.splits import pictured_slices
    from synthem.storage.volumes import read_blocks
    from synthem.training.snapshots import snapshot_name

    params, volume = snakemake.params, snakemake.input.volume
    compute_as(**params.compute)
    samples = dict(params.samples)
    columns = samples.pop("columns")
    count = samples.pop("rows") * columns
    kinds = {"stylegan": StyleGenerator}
    generator = load_network(snakemake.input.network, kinds)
    generated = drawn_images(generator, count=count, **samples)
    image = read_array(volume, "image", block=pictured_slices(read_blocks(volume)))
    real = real_images(image, count=count, size=generated.shape[1], seed=samples["seed"])
    size = {"voxel_size_nm": read_attributes(volume)["voxel_size_nm"]}
    kept = {
        step: load_network(f"{snakemake.input.snapshots}/{snapshot_name(step)}", kinds)
        for step in sorted(params.snapshots)
    }
    after = images_over_training(kept, growth(**params.growth), count=columns, **samples)
    arrays = {"real": real, "generated": generated}
    arrays |= {f"after/{step:08d}": images for step, images in after.items()}
    write_arrays(snakemake.output.samples, arrays, size)

"""A generator that draws from nothing but chance -> some of its images, and as many real ones."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import use_threads
    from synthem.gans.sampling import drawn_images, real_images
    from synthem.networks.saving import load_network
    from synthem.networks.stylegan import StyleGenerator
    from synthem.storage.arrays import read_array, read_attributes, write_arrays
    from synthem.storage.splits import pictured_slices
    from synthem.storage.volumes import read_blocks

    params, volume = snakemake.params, snakemake.input.volume
    use_threads(**params.compute)
    samples = dict(params.samples)
    count = samples.pop("rows") * samples.pop("columns")
    generator = load_network(snakemake.input.network, {"stylegan": StyleGenerator})
    generated = drawn_images(generator, count=count, **samples)
    image = read_array(volume, "image", block=pictured_slices(read_blocks(volume)))
    real = real_images(image, count=count, size=generated.shape[1], seed=samples["seed"])
    size = {"voxel_size_nm": read_attributes(volume)["voxel_size_nm"]}
    write_arrays(snakemake.output.samples, {"real": real, "generated": generated}, size)

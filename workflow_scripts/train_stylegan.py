"""Training images, without any label -> a generator that draws such images from nothing but chance."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import use_threads
    from synthem.compute.launcher import side_by_side
    from synthem.compute.precision import precision_here
    from synthem.gans.stylegan import train_stylegan
    from synthem.patches.places import PatchSet
    from synthem.storage.arrays import read_array
    from synthem.storage.provenance import fingerprint
    from synthem.storage.splits import pictured_slices
    from synthem.storage.volumes import read_blocks
    from synthem.training.outputs import write_trained

    params, volume = snakemake.params, snakemake.input.volume
    settings = {key: params[key] for key in ("stylegan", "compute")}
    settings |= {"precision": precision_here(params.stylegan["training"]["precision"])}
    origin = {"settings": settings, "code": params.code, "inputs": [volume]}
    use_threads(**params.compute)
    image = read_array(volume, "image", block=pictured_slices(read_blocks(volume)))
    generator, history = side_by_side(
        snakemake.resources.gpu,
        train_stylegan,
        PatchSet("stylegan", image),
        folder=params.checkpoints,
        fingerprint=fingerprint(**origin),
        checkpoint_every=snakemake.resources.checkpoint_every,
        tensorboard=bool(snakemake.resources.tensorboard),
        **{section: part for section, part in params.stylegan.items() if section != "training"},
        **params.stylegan["training"],
    )
    write_trained(dict(snakemake.output.items()), generator, history, rule=snakemake.rule, **origin)

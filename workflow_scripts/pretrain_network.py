"""Training images, without any label -> a generator that draws what was hidden of them."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import use_threads
    from synthem.compute.launcher import side_by_side
    from synthem.compute.precision import precision_here
    from synthem.gans.boundless import train_boundless
    from synthem.patches.places import PatchSet
    from synthem.storage.arrays import read_array
    from synthem.storage.provenance import fingerprint
    from synthem.storage.splits import pictured_slices
    from synthem.storage.volumes import read_blocks
    from synthem.training.outputs import write_trained

    params, inputs = snakemake.params, snakemake.input
    volume, semantics = inputs.volume, [*inputs.semantics, None][0]
    settings = {key: params[key] for key in ("pretraining", "compute")}
    settings |= {"precision": precision_here(params.pretraining["training"]["precision"])}
    origin = {"settings": settings, "code": params.code, "inputs": list(inputs)}
    use_threads(**params.compute)
    image = read_array(volume, "image", block=pictured_slices(read_blocks(volume)))
    net, history = side_by_side(
        snakemake.resources.gpu,
        train_boundless,
        PatchSet("pretraining", image),
        semantics=semantics,
        folder=params.checkpoints,
        fingerprint=fingerprint(**origin),
        checkpoint_every=snakemake.resources.checkpoint_every,
        tensorboard=bool(snakemake.resources.tensorboard),
        **{
            section: part
            for section, part in params.pretraining.items()
            if section not in ("training", "semantics")
        },
        **params.pretraining["training"],
    )
    write_trained(dict(snakemake.output.items()), net, history, rule=snakemake.rule, **origin)

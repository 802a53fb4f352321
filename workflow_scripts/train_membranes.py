"""The source volume -> a network that finds membranes."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import use_threads
    from synthem.compute.launcher import side_by_side
    from synthem.compute.precision import precision_here
    from synthem.patches.examples import membrane_examples
    from synthem.storage.provenance import fingerprint
    from synthem.training.outputs import write_trained
    from synthem.training.segmenter import train_segmenter

    params, resources = snakemake.params, snakemake.resources
    volume = snakemake.input.volume
    settings = {key: params[key] for key in ("membranes", "beside", "compute")}
    settings |= {"precision": precision_here(params.membranes["training"]["precision"])}
    origin = {"settings": settings, "code": params.code, "inputs": list(snakemake.input)}
    use_threads(**params.compute)
    net, history = side_by_side(
        resources.gpu,
        train_segmenter,
        [membrane_examples(volume, "train", beside=params.beside)],
        membrane_examples(volume, "validation", beside=params.beside),
        network=params.membranes["network"],
        section="membranes",
        folder=params.checkpoints,
        fingerprint=fingerprint(**origin),
        checkpoint_every=resources.checkpoint_every,
        tensorboard=bool(resources.tensorboard),
        **params.membranes["training"],
    )
    write_trained(dict(snakemake.output.items()), net, history, rule=snakemake.rule, **origin)

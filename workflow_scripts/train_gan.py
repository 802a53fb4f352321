"""Labelled slices -> a generator that paints images on masks."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import use_threads
    from synthem.compute.launcher import side_by_side
    from synthem.compute.precision import precision_here
    from synthem.gans.training import assert_condition_matters, train_gan
    from synthem.patches.places import PatchSet
    from synthem.storage.provenance import fingerprint
    from synthem.synthesis.examples import labelled_examples
    from synthem.training.outputs import write_trained

    params, inputs = snakemake.params, snakemake.input
    fraction = float(snakemake.wildcards.fraction)
    settings = {key: params[key] for key in ("gans", "conditions", "compute")} | {"fraction": fraction}
    settings |= {"precision": precision_here(params.gans["training"]["precision"])}
    origin = {"settings": settings, "code": params.code, "inputs": list(inputs)}
    use_threads(**params.compute)
    real = labelled_examples(
        inputs.volume, inputs.get("membrane"), conditions=params.conditions, fraction=fraction
    )
    generator, history = side_by_side(
        snakemake.resources.gpu,
        train_gan,
        PatchSet("real", real.image, real.masks, ignore=real.ignore),
        folder=params.checkpoints,
        fingerprint=fingerprint(**origin),
        checkpoint_every=snakemake.resources.checkpoint_every,
        tensorboard=bool(snakemake.resources.tensorboard),
        **{section: part for section, part in params.gans.items() if section not in ("sees", "training")},
        **params.gans["training"],
    )
    assert_condition_matters(generator, list(real.masks.values()))
    write_trained(dict(snakemake.output.items()), generator, history, rule=snakemake.rule, **origin)

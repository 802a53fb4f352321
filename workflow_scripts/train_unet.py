"""Real slices, synthetic slices or both -> a network that segments the structure."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import use_threads
    from synthem.compute.launcher import side_by_side
    from synthem.compute.precision import precision_here
    from synthem.patches.examples import structure_examples
    from synthem.storage.provenance import fingerprint
    from synthem.storage.splits import labelled_slices
    from synthem.storage.volumes import read_blocks
    from synthem.training.outputs import write_trained
    from synthem.training.segmenter import train_segmenter

    params, inputs, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    resources = snakemake.resources
    fraction, seed = float(wildcards.fraction), int(wildcards.seed)
    settings = {key: params[key] for key in ("unets", "sets", "structure", "compute")}
    settings |= {"fraction": fraction, "seed": seed}
    settings |= {"precision": precision_here(params.unets["training"]["precision"])}
    origin = {"settings": settings, "code": params.code, "inputs": list(inputs)}
    use_threads(**params.compute)

    blocks = read_blocks(inputs.volume)
    slices = {
        "real": (inputs.volume, labelled_slices(blocks, fraction)),
        "synthetic": (inputs.synthetic, None),
    }
    validation = (inputs.volume, blocks["validation"])
    wanted = {"structure": params.structure, "target": params.unets["target"]}
    net, history = side_by_side(
        resources.gpu,
        train_segmenter,
        [structure_examples(name, *slices[name], **wanted) for name in params.sets],
        structure_examples("validation", *validation, **wanted),
        network=params.unets["network"],
        seed=seed,
        section="unets",
        folder=params.checkpoints,
        fingerprint=fingerprint(**origin),
        checkpoint_every=resources.checkpoint_every,
        tensorboard=bool(resources.tensorboard),
        **params.unets["training"],
    )
    write_trained(dict(snakemake.output.items()), net, history, rule=snakemake.rule, **origin)

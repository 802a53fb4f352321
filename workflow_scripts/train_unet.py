"""Real slices, synthetic slices or both -> a network that segments the structure."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.patches.examples import structure_examples
    from synthem.storage.splits import labelled_slices
    from synthem.storage.volumes import read_blocks
    from synthem.training.jobs import TrainingJob
    from synthem.training.segmenter import train_segmenter

    params, inputs, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    fraction, seed = float(wildcards.fraction), int(wildcards.seed)
    job = TrainingJob("unets", snakemake, fraction=fraction, seed=seed)
    blocks = read_blocks(inputs.volume)
    slices = {
        "real": (inputs.volume, labelled_slices(blocks, fraction)),
        "synthetic": (inputs.synthetic, None),
        "validation": (inputs.volume, blocks["validation"]),
    }
    *sets, validation = (
        structure_examples(name, *slices[name], structure=params.structure, target=params.unets["target"])
        for name in (*params.sets, "validation")
    )
    network, training = params.unets["network"], params.unets["training"] | {"seed": seed}
    job.write(
        *job.train(train_segmenter, sets, validation, network=network, training=training, section="unets")
    )

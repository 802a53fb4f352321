"""The data sets of an arm, by their shares -> a network that segments the structure."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.patches.examples import structure_examples
    from synthem.patches.series import phases_of
    from synthem.seeds import run_seed
    from synthem.storage.budgets import draw_of
    from synthem.storage.volumes import read_blocks
    from synthem.training.jobs import TrainingJob
    from synthem.training.segmenter import train_segmenter

    params, inputs, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    run = {"replicate": int(wildcards.replicate), "seed": int(wildcards.seed)}
    job = TrainingJob("unets", snakemake, budget=wildcards.budget, **run)
    draw = draw_of(inputs.volume, budget=wildcards.budget, replicate=run["replicate"], **params.labels)
    slices = {"real": (inputs.volume, draw.train)}
    for name, path in zip(params.set_names, inputs.sets, strict=True):
        slices[name] = (path, read_blocks(path)["train"])
    names = list(params.arm["sets"] | params.arm["then"])
    what = {"structure": params.structure, "target": params.unets["target"]}
    sets = [structure_examples(name, *slices[name], **what) for name in names]
    validated = (inputs.volume, draw.validation)
    held_out = structure_examples("validation", *validated, **what) if draw.validation else None
    network, training = params.unets["network"], params.unets["training"] | {"seed": run_seed(**run)}
    phases = phases_of(names, **params.arm, steps=training["steps"])
    settings = {"phases": phases, "network": network, "training": training, "section": "unets"}
    job.write(*job.train(train_segmenter, sets, held_out, **settings))

"""The data sets of an arm, by their shares -> a network that segments the structure."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.patches.arms import training_data_of
    from synthem.seeds import run_seed
    from synthem.training.jobs import TrainingJob
    from synthem.training.segmenter import segmenter_trainer

    params, inputs, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    run = {"replicate": int(wildcards.replicate), "seed": int(wildcards.seed)}
    job = TrainingJob("unets", snakemake, budget=wildcards.budget, **run)
    data = training_data_of(inputs, params, wildcards)
    training = params.unets["training"] | {"seed": run_seed(**run)}
    settings = {"network": params.unets["network"], "training": training, "section": "unets"}
    job.write(*job.train(segmenter_trainer, data.sets, data.held_out, phases=data.phases, **settings))

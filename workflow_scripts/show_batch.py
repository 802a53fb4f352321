"""The data sets of an arm, by their shares -> the first batch that its network learns from."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as
    from synthem.labels.targets import steps_of
    from synthem.patches.arms import training_data_of
    from synthem.seeds import run_seed
    from synthem.storage.arrays import write_arrays
    from synthem.storage.volumes import read_facts
    from synthem.training.shown import first_batch

    params, inputs, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    compute_as(**params.compute)
    run = {"replicate": int(wildcards.replicate), "seed": int(wildcards.seed)}
    data = training_data_of(inputs, params, wildcards)
    training, target = params.unets["training"] | {"seed": run_seed(**run)}, params.unets["target"]
    settings = {"network": params.unets["network"], "training": training}
    arrays, names = first_batch(data.sets, phases=data.phases, **settings)
    facts = {"data_sets": names, "target": target["kind"], "steps": steps_of(target) or []}
    facts |= {"voxel_size_nm": read_facts(inputs.volume).voxel_size_nm}
    write_arrays(snakemake.output.batch, arrays, facts)

"""Label maps of labelled slices -> a generator that invents such maps from nothing but chance."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.gans.findings import findings_of
    from synthem.gans.label_maps import label_maps
    from synthem.gans.stylegan import LABEL_MAPS, stylegan_trainer
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_json
    from synthem.storage.pixels import turn_of
    from synthem.storage.volumes import read_facts
    from synthem.synthesis.examples import labelled_examples
    from synthem.training.jobs import TrainingJob

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    job = TrainingJob("mask_generator", snakemake, budget=run.budget, replicate=int(run.replicate))
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    real = labelled_examples(
        inputs.volume, inputs.get("membrane"), conditions=params.conditions, slices=draw.train
    )
    settings = {key: value for key, value in params.mask_generator.items() if key != "scale"}
    settings["training"] = settings["training"] | {"seed": int(run.replicate)}
    settings["turn"] = turn_of(read_facts(inputs.volume).voxel_size_nm[1:])
    maps = label_maps(real.masks, real.ignore, scale=params.mask_generator["scale"])
    generator, history = job.train(stylegan_trainer, maps, kind=LABEL_MAPS, **settings)
    job.write(generator, history)
    write_json(snakemake.output.findings, findings_of(history, **settings["guards"]))

"""Labelled slices -> a generator that paints images on masks."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.gans.conditions import seen_masks
    from synthem.gans.guards import findings_of_gan
    from synthem.gans.training import gan_trainer
    from synthem.patches.places import PatchSet
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_json
    from synthem.storage.pixels import turn_of
    from synthem.storage.volumes import read_facts
    from synthem.synthesis.examples import labelled_examples
    from synthem.training.jobs import TrainingJob

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    job = TrainingJob("gans", snakemake, budget=run.budget, replicate=int(run.replicate))
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    real = labelled_examples(
        inputs.volume, inputs.get("membrane"), conditions=params.conditions, slices=draw.train
    )
    masks = seen_masks(real.masks, one_hot=params.gans["one_hot"])
    examples = PatchSet("real", real.image, masks, ignore=real.ignore)
    settings = {key: value for key, value in params.gans.items() if key not in ("conditions", "one_hot")}
    settings["training"] = settings["training"] | {"seed": int(run.replicate)}
    pixel_nm = read_facts(inputs.volume).voxel_size_nm[1:]
    settings["turn"] = turn_of(pixel_nm, wanted=settings["training"]["turn"])
    generator, history = job.train(gan_trainer, examples, **settings)
    found = findings_of_gan(generator, list(masks.values()), history, settings["guards"])
    job.write(generator, history)
    write_json(snakemake.output.findings, found)

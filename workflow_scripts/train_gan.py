"""Labelled slices -> a generator that paints images on masks."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.gans.guards import assert_condition_matters
    from synthem.gans.training import train_gan
    from synthem.patches.places import PatchSet
    from synthem.synthesis.examples import labelled_examples
    from synthem.training.jobs import TrainingJob

    params, inputs = snakemake.params, snakemake.input
    fraction = float(snakemake.wildcards.fraction)
    job = TrainingJob("gans", snakemake, fraction=fraction)
    real = labelled_examples(
        inputs.volume, inputs.get("membrane"), conditions=params.conditions, fraction=fraction
    )
    examples = PatchSet("real", real.image, real.masks, ignore=real.ignore)
    settings = {key: value for key, value in params.gans.items() if key != "sees"}
    generator, history = job.train(train_gan, examples, **settings)
    assert_condition_matters(generator, list(real.masks.values()))
    job.write(generator, history)

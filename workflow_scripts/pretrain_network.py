"""Training images, without any label -> a generator that draws what was hidden of them."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.gans.boundless import train_boundless
    from synthem.patches.places import PatchSet
    from synthem.storage.arrays import read_array
    from synthem.storage.splits import pictured_slices
    from synthem.storage.volumes import read_blocks
    from synthem.training.jobs import TrainingJob

    params, volume = snakemake.params, snakemake.input.volume
    job = TrainingJob("pretraining", snakemake)
    image = read_array(volume, "image", block=pictured_slices(read_blocks(volume)))
    settings = params.pretraining | {"semantics": [*snakemake.input.semantics, None][0]}
    job.write(*job.train(train_boundless, PatchSet("pretraining", image), **settings))

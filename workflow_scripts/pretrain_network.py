"""Training images, without any label -> a generator that draws what was hidden of them."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.gans.boundless import boundless_trainer
    from synthem.patches.places import PatchSet
    from synthem.storage.arrays import read_array
    from synthem.storage.splits import pictured_slices
    from synthem.storage.volumes import read_blocks
    from synthem.training.jobs import TrainingJob

    params, volume = snakemake.params, snakemake.input.volume
    job = TrainingJob("pretraining", snakemake)
    blocks = read_blocks(volume)
    # Test images are measured, and nothing is learnt or chosen by that.
    learnt, held_out = (
        PatchSet(name, read_array(volume, "image", block=block)) if block else None
        for name, block in (("pretraining", pictured_slices(blocks)), ("held out", blocks.get("test")))
    )
    own = [params.pretraining["semantics"]] if params.semantics_content else []
    settings = params.pretraining | {"semantics": [*snakemake.input.semantics, *own, None][0]}
    job.write(*job.train(boundless_trainer, learnt, held_out, **settings))

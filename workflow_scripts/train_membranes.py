"""The source volume -> a network that finds membranes."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.patches.examples import membrane_examples
    from synthem.storage.budgets import draw_of
    from synthem.storage.splits import ALL
    from synthem.training.jobs import TrainingJob
    from synthem.training.segmenter import segmenter_trainer

    params, volume = snakemake.params, snakemake.input.volume
    job = TrainingJob("membranes", snakemake)
    # No label of the source is to be saved: one draw of all of them, for every replicate.
    draw = draw_of(volume, budget=ALL, replicate=0, **params.labels)
    train, validation = (
        membrane_examples(name, volume, slices, beside=params.beside) if slices else None
        for name, slices in (("train", draw.train), ("validation", draw.validation))
    )
    job.write(*job.train(segmenter_trainer, [train], validation, section="membranes", **params.membranes))

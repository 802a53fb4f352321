"""The source volume -> a network that finds membranes."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.patches.examples import membrane_examples
    from synthem.training.jobs import TrainingJob
    from synthem.training.segmenter import train_segmenter

    params, volume = snakemake.params, snakemake.input.volume
    job = TrainingJob("membranes", snakemake)
    train, validation = (
        membrane_examples(volume, block, beside=params.beside) for block in ("train", "validation")
    )
    job.write(*job.train(train_segmenter, [train], validation, section="membranes", **params.membranes))

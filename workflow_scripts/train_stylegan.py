"""Training images, without any label -> a generator that draws such images from nothing but chance."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.gans.findings import findings_of
    from synthem.gans.stylegan import stylegan_trainer
    from synthem.patches.places import PatchSet
    from synthem.storage.arrays import read_array
    from synthem.storage.files import write_json
    from synthem.storage.pixels import turn_of
    from synthem.storage.splits import pictured_slices
    from synthem.storage.volumes import read_blocks, read_facts
    from synthem.training.jobs import TrainingJob

    params, volume = snakemake.params, snakemake.input.volume
    job = TrainingJob("stylegan", snakemake)
    image = read_array(volume, "image", block=pictured_slices(read_blocks(volume)))
    settings = params.stylegan | {"turn": turn_of(read_facts(volume).voxel_size_nm[1:])}
    generator, history = job.train(stylegan_trainer, PatchSet("stylegan", image), **settings)
    job.write(generator, history)
    write_json(snakemake.output.findings, findings_of(history, **params.stylegan["guards"]))

"""A generator of label maps -> new masks, and instances of the structure where real ones are known."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as
    from synthem.gans.label_maps import classes_of, masks_of
    from synthem.gans.sampling import drawn_label_maps
    from synthem.networks.saving import load_network
    from synthem.networks.stylegan import LabelMapGenerator
    from synthem.storage.arrays import read_attributes, write_arrays
    from synthem.storage.budgets import draw_of
    from synthem.storage.provenance import file_hash
    from synthem.storage.volumes import read_labels
    from synthem.synthesis.examples import labelled_examples
    from synthem.synthesis.inventing import parts_of

    inputs, params, run = snakemake.input, snakemake.params, snakemake.wildcards
    compute_as(**params.compute)
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    conditions = params.conditions
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, slices=draw.train)
    generator = load_network(inputs.network, {"label_maps": LabelMapGenerator})
    numbers = drawn_label_maps(
        generator,
        count=params.masks["slices"],
        scale=params.scale,
        seed=int(run.replicate),
        **params.masks["stylegan"],
    )
    made = masks_of(numbers, classes_of(real.masks), conditions)
    for name in read_labels(inputs.volume, conditions[0], block=draw.train):
        made[f"labels/{name}"] = parts_of(made[name])
    origin = {"voxel_size_nm": read_attributes(inputs.volume)["voxel_size_nm"]}
    origin |= {"learnt_slices": real.slices, "mask_generator": file_hash(inputs.network)}
    write_arrays(snakemake.output.masks, made, origin)

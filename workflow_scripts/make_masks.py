"""Labelled masks, and instances where they are known -> new ones, bent and mirrored."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.arrays import read_attributes, write_arrays
    from synthem.storage.budgets import draw_of
    from synthem.storage.volumes import read_labels
    from synthem.synthesis.examples import labelled_examples
    from synthem.synthesis.masks import new_masks

    inputs, params, run = snakemake.input, snakemake.params, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    conditions = params.conditions
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, slices=draw.train)
    voxel_size_nm = read_attributes(inputs.volume)["voxel_size_nm"]
    labels = read_labels(inputs.volume, conditions[0], block=draw.train)
    masks = params.masks | {"seed": int(run.replicate), "maps": real.maps}
    made, numbered, origins = new_masks(real.masks, labels, voxel_size_nm, **masks)
    made |= {f"labels/{name}": numbers for name, numbers in numbered.items()}
    origin = {"voxel_size_nm": voxel_size_nm, "source_slices": [real.slices[n] for n in origins]}
    write_arrays(snakemake.output.masks, made, origin)

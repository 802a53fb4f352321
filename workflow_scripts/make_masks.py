"""Labelled masks, and instances where they are known -> new ones, bent and mirrored."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.arrays import write_arrays
    from synthem.storage.budgets import draw_of
    from synthem.storage.volumes import read_facts, read_labels
    from synthem.synthesis.examples import labelled_examples
    from synthem.synthesis.masks import new_masks
    from synthem.synthesis.mirroring import mirrored, mirrored_numbers

    inputs, params, run = snakemake.input, snakemake.params, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    conditions = params.conditions
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, slices=draw.train)
    facts = read_facts(inputs.volume)
    sizes = [facts.tiles[z] for z in real.slices] if facts.tiles else []
    masks = {name: mirrored(mask, sizes) for name, mask in real.masks.items()}
    labels = read_labels(inputs.volume, conditions[0], block=draw.train)
    labels = {name: mirrored_numbers(numbers, sizes) for name, numbers in labels.items()}
    settings = params.masks | {"seed": int(run.replicate), "maps": real.maps}
    made, numbered, origins = new_masks(masks, labels, facts.voxel_size_nm, **settings)
    made |= {f"labels/{name}": numbers for name, numbers in numbered.items()}
    origin = {"voxel_size_nm": facts.voxel_size_nm, "source_slices": [real.slices[n] for n in origins]}
    write_arrays(snakemake.output.masks, made, origin)

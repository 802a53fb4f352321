"""Labelled slices -> new ones: image and masks turned and bent together."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.budgets import draw_of
    from synthem.storage.volumes import write_volume
    from synthem.synthesis.bending import bent_pairs
    from synthem.synthesis.pairs import labelled_pairs

    inputs, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
    replicate = int(wildcards.replicate)
    draw = draw_of(inputs.volume, budget=wildcards.budget, replicate=replicate, **params.labels)
    real = labelled_pairs(inputs.volume, draw.train, structure=params.structure)
    write_volume(snakemake.output.volume, bent_pairs(real, seed=replicate, **params.masks))

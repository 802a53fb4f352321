"""Labelled slices -> new ones: objects of some pasted into others."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.budgets import draw_of
    from synthem.storage.volumes import write_volume
    from synthem.synthesis.pairs import labelled_pairs
    from synthem.synthesis.pasting import pasted_pairs

    inputs, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
    replicate, structure = int(wildcards.replicate), params.structure
    draw = draw_of(inputs.volume, budget=wildcards.budget, replicate=replicate, **params.labels)
    real = labelled_pairs(inputs.volume, draw.train, structure=structure)
    made = pasted_pairs(real, structure=structure, slices=params.slices, seed=replicate)
    write_volume(snakemake.output.volume, made)

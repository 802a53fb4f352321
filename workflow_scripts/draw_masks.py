"""Invented masks -> a picture of some, below pieces of the real masks that their generator learnt from."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.masks import masks_sheet
    from synthem.storage.arrays import read_array, read_attributes
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_bytes
    from synthem.synthesis.examples import labelled_examples
    from synthem.synthesis.inventing import real_pieces

    inputs, params, run = snakemake.input, snakemake.params, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    conditions = params.conditions
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, slices=draw.train)
    invented = {name: read_array(inputs.masks, name) for name in conditions}
    count, *shape = invented[conditions[0]].shape
    pieces = real_pieces(real.masks, real.ignore, count=count, shape=shape, seed=int(run.replicate))
    voxel_size_nm = read_attributes(inputs.masks)["voxel_size_nm"]
    write_bytes(snakemake.output.figure, masks_sheet(pieces, invented, voxel_size_nm=voxel_size_nm))

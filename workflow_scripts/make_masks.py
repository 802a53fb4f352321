"""Labelled masks, and instances where they are known -> new ones, bent and mirrored."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.arrays import read_attributes, write_arrays
    from synthem.storage.splits import ranges_of
    from synthem.storage.volumes import read_labels
    from synthem.synthesis.examples import labelled_examples
    from synthem.synthesis.masks import new_masks

    inputs, conditions = snakemake.input, snakemake.params.conditions
    fraction = float(snakemake.wildcards.fraction)
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, fraction=fraction)
    voxel_size_nm = read_attributes(inputs.volume)["voxel_size_nm"]
    labels = read_labels(inputs.volume, conditions[0], block=ranges_of(real.slices))
    made, numbered, origins = new_masks(real.masks, labels, voxel_size_nm, **snakemake.params.masks)
    made |= {f"labels/{name}": numbers for name, numbers in numbered.items()}
    origin = {"voxel_size_nm": voxel_size_nm, "source_slices": [real.slices[n] for n in origins]}
    write_arrays(snakemake.output.masks, made, origin)

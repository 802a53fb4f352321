"""Labelled masks -> new ones, bent and mirrored."""

from synthem.conditions import labelled_examples
from synthem.log import logged_to
from synthem.masks import new_masks
from synthem.volumes import read_attributes, write_arrays

with logged_to(snakemake.log[0]):
    inputs, structure = snakemake.input, snakemake.params.structure
    fraction = float(snakemake.wildcards.fraction)
    _, masks, (first, _) = labelled_examples(
        inputs.volume, inputs.get("membrane"), structure=structure, fraction=fraction
    )
    voxel_size_nm = read_attributes(inputs.volume)["voxel_size_nm"]
    made, origins = new_masks(masks, voxel_size_nm, **snakemake.params.masks)
    origin = {"voxel_size_nm": voxel_size_nm, "source_slices": [first + z for z in origins]}
    write_arrays(snakemake.output.masks, made, origin)

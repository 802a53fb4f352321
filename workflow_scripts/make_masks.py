"""Labelled masks -> new ones, bent and mirrored."""

from synthem.arrays import read_attributes, write_arrays
from synthem.conditions import labelled_examples
from synthem.log import logged_to
from synthem.masks import new_masks

with logged_to(snakemake.log[0]):
    inputs, structure = snakemake.input, snakemake.params.structure
    fraction = float(snakemake.wildcards.fraction)
    real = labelled_examples(inputs.volume, inputs.get("membrane"), structure=structure, fraction=fraction)
    voxel_size_nm = read_attributes(inputs.volume)["voxel_size_nm"]
    made, origins = new_masks(real.masks, voxel_size_nm, **snakemake.params.masks)
    origin = {"voxel_size_nm": voxel_size_nm, "source_slices": [real.slices[n] for n in origins]}
    write_arrays(snakemake.output.masks, made, origin)

"""Generated images -> the same, each with the masks of another one: a control, which must harm."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.storage.volumes import read_volume, write_volume
    from synthem.synthesis.pairs import mismatched

    volume = read_volume(snakemake.input.volume)
    write_volume(snakemake.output.volume, mismatched(volume, seed=int(snakemake.wildcards.replicate)))

"""Predicted membranes -> how plausible they are, and how right where truth was withheld."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.metrics.membrane_quality import assess_membranes
    from synthem.storage.arrays import as_probability, read_array
    from synthem.storage.files import write_json
    from synthem.storage.volumes import read_ignore

    volume, truth, structure = (
        snakemake.input.volume,
        snakemake.input.get("truth"),
        snakemake.params.structure,
    )
    quality = assess_membranes(
        as_probability(read_array(snakemake.input.membrane, "probability")),
        read_array(snakemake.input.membrane, "membrane"),
        read_array(volume, f"masks/{structure}"),
        read_array(truth, "membrane") if truth else None,
        ignore=read_ignore(volume, structure) if structure in snakemake.params.beside else None,
        truth_ignore=read_ignore(truth, "membrane") if truth else None,
    )
    say(f"{quality}")
    write_json(snakemake.output.quality, quality)

"""Predicted membranes -> how plausible they are, and how right where truth was withheld."""

from synthem.files import write_json
from synthem.log import logged_to, say
from synthem.membranes import assess_membranes
from synthem.volumes import as_probability, read_array

with logged_to(snakemake.log[0]):
    truth = snakemake.input.get("truth")
    quality = assess_membranes(
        as_probability(read_array(snakemake.input.membrane, "probability")),
        read_array(snakemake.input.membrane, "membrane"),
        read_array(snakemake.input.volume, f"masks/{snakemake.params.structure}"),
        read_array(truth, "membrane") if truth else None,
    )
    say(f"{quality}")
    write_json(snakemake.output.quality, quality)

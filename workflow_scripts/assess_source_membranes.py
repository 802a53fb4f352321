"""Membranes predicted on the source -> how right they are in slices that taught the network and in others."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.metrics.membrane_quality import quality_of_slices
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_json
    from synthem.storage.splits import ALL

    params, inputs = snakemake.params, snakemake.input
    draw = draw_of(inputs.volume, budget=ALL, replicate=0, **params.labels)  # as in the training
    quality = {
        block: quality_of_slices(
            inputs.volume, inputs.membrane, slices, structure=params.structure, beside=params.beside
        )
        for block, slices in (("learnt", draw.train), ("held_out", draw.validation))
        if slices
    }
    say(f"{quality}")
    write_json(snakemake.output.quality, quality)

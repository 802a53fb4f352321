"""A network -> its share of the probabilities of validation slices and test block."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import pick_device, use_threads
    from synthem.inference.predicting import predict_blocks
    from synthem.inference.segmenting import Segmenter
    from synthem.networks.registry import SEGMENTERS
    from synthem.networks.saving import load_network
    from synthem.storage.budgets import draw_of

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    use_threads(**params.compute)
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    predict_blocks(
        snakemake.output.part,
        inputs.volume,
        Segmenter(load_network(inputs.network, SEGMENTERS), device=pick_device(), **params.inference),
        validation=draw.validation,
        part=int(run.part),
        parts=int(run.parts),
    )

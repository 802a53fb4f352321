"""A network, or parts that other jobs predicted with it -> probabilities of validation slices and test."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as, pick_device
    from synthem.inference.parts import gather_parts
    from synthem.inference.predicting import predict_blocks
    from synthem.inference.segmenting import Segmenter
    from synthem.networks.registry import SEGMENTERS
    from synthem.networks.saving import load_network
    from synthem.storage.budgets import draw_of

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    if inputs.get("parts"):
        gather_parts(snakemake.output[0], inputs.parts)
    else:
        compute_as(**params.compute)
        net = load_network(inputs.network, SEGMENTERS)
        segmenter = Segmenter(net, device=pick_device(), **params.inference)
        draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
        predict_blocks(
            snakemake.output[0],
            inputs.volume,
            segmenter,
            validation=draw.validation,
            part=int(run.get("part", 1)),
            parts=int(run.get("parts", 1)),
        )

"""A network -> its share of the probabilities of the validation and the test block."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import pick_device, use_threads
    from synthem.inference.predicting import predict_blocks
    from synthem.inference.segmenting import Segmenter
    from synthem.networks.registry import SEGMENTERS
    from synthem.networks.saving import load_network

    use_threads(**snakemake.params.compute)
    net = load_network(snakemake.input.network, SEGMENTERS)
    predict_blocks(
        snakemake.output.part,
        snakemake.input.volume,
        Segmenter(net, device=pick_device(), **snakemake.params.inference),
        part=int(snakemake.wildcards.part),
        parts=int(snakemake.wildcards.parts),
    )

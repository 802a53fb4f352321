"""A membrane network, and a volume in which no membranes are drawn -> its membranes."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as, pick_device
    from synthem.inference.predicting import predict_membrane
    from synthem.inference.segmenting import Segmenter
    from synthem.networks.registry import SEGMENTERS
    from synthem.networks.saving import load_network

    params, inputs = snakemake.params, snakemake.input
    compute_as(**params.compute)
    net = load_network(inputs.network, SEGMENTERS)
    segmenter = Segmenter(net, device=pick_device(), **params.inference)
    settings = {"beside": params.beside, "threshold": params.threshold}
    predict_membrane(snakemake.output.membrane, inputs.volume, segmenter, **settings)

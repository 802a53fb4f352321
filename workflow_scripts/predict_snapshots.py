"""The networks of some steps of a training -> probabilities of learnt slices, validation slices and test."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from pathlib import Path

    from synthem.compute.devices import compute_as, pick_device
    from synthem.inference.predicting import predict_blocks
    from synthem.inference.segmenting import Segmenter
    from synthem.networks.registry import SEGMENTERS
    from synthem.networks.saving import load_network
    from synthem.storage.budgets import draw_of

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    compute_as(**params.compute)
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    blocks, folder = {"validation": draw.validation, "train": draw.train}, Path(snakemake.output.folder)
    folder.mkdir()
    for network in sorted(Path(inputs.snapshots).glob("step-*.pt")):
        net = load_network(network, SEGMENTERS)
        segmenter = Segmenter(net, device=pick_device(), **params.inference)
        predict_blocks(folder / f"{network.stem}.h5", inputs.volume, segmenter, **blocks)

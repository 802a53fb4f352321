"""The source volume -> a network that finds membranes."""

from synthem.examples import membrane_examples
from synthem.log import logged_to
from synthem.provenance import fingerprint
from synthem.segmentation import train_segmenter
from synthem.trained import write_trained
from synthem.training import use_threads

with logged_to(snakemake.log[0]):
    params, volume = snakemake.params, snakemake.input.volume
    settings = {key: params[key] for key in ("membranes", "structure", "compute")}
    origin = {"settings": settings, "code": params.code, "inputs": [volume]}
    use_threads(**params.compute)
    net, history = train_segmenter(
        [membrane_examples(volume, "train", structure=params.structure)],
        membrane_examples(volume, "validation", structure=params.structure),
        network=params.membranes["network"],
        folder=params.checkpoints,
        fingerprint=fingerprint(**origin),
        **params.membranes["training"],
    )
    write_trained(dict(snakemake.output.items()), net, history, rule=snakemake.rule, **origin)

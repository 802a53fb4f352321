"""The source volume -> a network that finds membranes."""

from synthem.examples import membrane_examples
from synthem.files import write_history, write_json
from synthem.log import logged_to
from synthem.networks.saving import save_network
from synthem.provenance import fingerprint, provenance
from synthem.segmentation import train_segmenter
from synthem.training import pick_device, use_threads

with logged_to(snakemake.log[0]):
    params, volume = snakemake.params, snakemake.input.volume
    settings = {key: params[key] for key in ("membranes", "structure", "compute")}
    use_threads(**params.compute)
    net, history = train_segmenter(
        [membrane_examples(volume, "train", structure=params.structure)],
        membrane_examples(volume, "validation", structure=params.structure),
        network=params.membranes["network"],
        folder=params.checkpoints,
        fingerprint=fingerprint(settings=settings, code=params.code, inputs=[volume]),
        **params.membranes["training"],
    )
    save_network(snakemake.output.network, net)
    write_history(snakemake.output.history, history)
    origin = provenance(
        rule=snakemake.rule, settings=settings, code=params.code, inputs=[volume], device=str(pick_device())
    )
    write_json(snakemake.output.provenance, origin)

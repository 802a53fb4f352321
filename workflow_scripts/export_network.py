"""A trained network -> a file for other programs: a bioimage.io package, or safetensors."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as
    from synthem.networks.registry import SEGMENTERS
    from synthem.networks.saving import load_network
    from synthem.sharing.cards import card_of
    from synthem.sharing.exporting import WRITERS
    from synthem.storage.files import read_json
    from synthem.storage.volumes import open_volume

    params, inputs, run = snakemake.params, snakemake.input, dict(snakemake.wildcards)
    compute_as(**params.compute)
    net, write = load_network(inputs.network, SEGMENTERS), WRITERS[run.pop("end")]
    found = {"threshold": read_json(inputs.threshold), "origin": read_json(inputs.provenance)}
    with open_volume(inputs.volume) as volume:
        card = card_of(net, volume, **found, run=run, **params.described)
        write(snakemake.output.file, net, card, volume)

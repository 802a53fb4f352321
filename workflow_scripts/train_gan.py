"""Labelled slices -> a generator that paints images on masks."""

from synthem.conditions import labelled_examples
from synthem.files import write_history, write_json
from synthem.gans import assert_condition_matters, train_gan
from synthem.log import logged_to
from synthem.networks.saving import save_network
from synthem.patches import PatchSet
from synthem.provenance import fingerprint, provenance
from synthem.training import pick_device, use_threads

with logged_to(snakemake.log[0]):
    params, inputs = snakemake.params, snakemake.input
    fraction = float(snakemake.wildcards.fraction)
    settings = {key: params[key] for key in ("gans", "structure", "compute")} | {"fraction": fraction}
    use_threads(**params.compute)
    image, masks, _ = labelled_examples(
        inputs.volume, inputs.get("membrane"), structure=params.structure, fraction=fraction
    )
    generator, history = train_gan(
        PatchSet("real", image, masks),
        generator=params.gans["generator"],
        discriminator=params.gans["discriminator"],
        folder=params.checkpoints,
        fingerprint=fingerprint(settings=settings, code=params.code, inputs=list(inputs)),
        **params.gans["training"],
    )
    assert_condition_matters(generator, list(masks.values()))
    save_network(snakemake.output.generator, generator)
    write_history(snakemake.output.history, history)
    origin = provenance(
        rule=snakemake.rule,
        settings=settings,
        code=params.code,
        inputs=list(inputs),
        device=str(pick_device()),
    )
    write_json(snakemake.output.provenance, origin)

"""New masks -> an image painted on each: a volume like any other. Real masks are painted too, to compare."""

from synthem.log import logged_to

SHOWN = 4  # real slices to paint

with logged_to(snakemake.log[0]):
    from synthem.compute.devices import compute_as, pick_device
    from synthem.gans.conditions import seen_masks
    from synthem.networks.registry import GENERATORS
    from synthem.networks.saving import load_network
    from synthem.storage.arrays import read_array, read_attributes
    from synthem.storage.budgets import draw_of
    from synthem.storage.provenance import file_hash
    from synthem.storage.splits import spread_slices
    from synthem.storage.volumes import read_labels, write_volume
    from synthem.synthesis.examples import labelled_examples
    from synthem.synthesis.generating import generate_slices, synthetic_volume

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    compute_as(**params.compute)
    painting = {
        "generator": load_network(inputs.network, GENERATORS),
        "seed": int(run.replicate),
        "device": pick_device(),
        **params.inference,
    }
    masks = {name: read_array(inputs.masks, name) for name in params.conditions}
    origin = read_attributes(inputs.masks)
    seen = seen_masks(masks, one_hot=params.one_hot)
    image = generate_slices(conditions=list(seen.values()), **painting)
    labels = read_labels(inputs.masks, params.conditions[0])
    volume = synthetic_volume(image, masks, labels, origin, generator=file_hash(inputs.network))
    write_volume(snakemake.output.candidates, volume)

    # The same generator on masks it has learnt from, to be looked at beside their real images.
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    real = labelled_examples(
        inputs.volume, inputs.get("membrane"), conditions=params.conditions, slices=draw.train
    )
    shown = spread_slices([(0, len(real.slices))], SHOWN)
    known = {name: mask[shown] for name, mask in real.masks.items()}
    seen = seen_masks(known, one_hot=params.one_hot)
    image = generate_slices(conditions=list(seen.values()), **painting)
    origin = {"voxel_size_nm": origin["voxel_size_nm"], "source_slices": [real.slices[n] for n in shown]}
    volume = synthetic_volume(image, known, {}, origin, generator=file_hash(inputs.network))
    write_volume(snakemake.output.repainted, volume)

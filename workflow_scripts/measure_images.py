"""A generator at some steps of its training -> features of its images, and of real ones."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from dataclasses import replace

    from synthem.compute.devices import compute_as, pick_device
    from synthem.gans.conditions import seen_masks
    from synthem.inference.segmenting import Segmenter
    from synthem.networks.registry import GENERATORS, SEGMENTERS
    from synthem.networks.saving import load_network
    from synthem.realism.fidelity import overlaps, some_slices
    from synthem.realism.measuring import MOST_SLICES, measure_generator, measure_real, real_patches
    from synthem.storage.arrays import write_arrays
    from synthem.storage.budgets import draw_of
    from synthem.storage.splits import ranges_of, spread_slices
    from synthem.storage.volumes import read_blocks
    from synthem.synthesis.examples import labelled_examples
    from synthem.training.snapshots import networks_by_step

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    compute_as(**params.compute)
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    sampled = {**params.sampled, "seed": int(run.replicate)}
    blocks, shown, whole = {}, {}, {}
    for block, slices in {"train": draw.train, "test": read_blocks(inputs.volume)["test"]}.items():
        examples = labelled_examples(
            inputs.volume,
            inputs.get("membrane"),
            conditions=params.conditions,
            slices=ranges_of(spread_slices(slices, MOST_SLICES)),
        )
        seen = replace(examples, masks=seen_masks(examples.masks, one_hot=params.one_hot))
        blocks[block], shown[block] = real_patches(seen, **sampled), examples.image
        if inputs.get("judge"):
            whole[block] = some_slices(seen, params.structure)
    asked = {"inception": params.inception, "judge": None}
    if inputs.get("judge"):
        segmenter = Segmenter(
            load_network(inputs.judge[0], SEGMENTERS), device=pick_device(), **params.inference
        )
        asked["judge"] = lambda images, slices: overlaps(segmenter, images, slices)
    arrays = measure_real(blocks, whole, **asked)
    networks = networks_by_step(inputs.snapshots, inputs.network, steps=params.steps)
    for step, path in networks.items():
        arrays |= measure_generator(
            load_network(path, GENERATORS),
            blocks,
            whole,
            shown["train"] if step == max(networks) else None,
            painting=params.painting,
            step=step,
            noises=params.noises,
            seed=sampled["seed"],
            device=pick_device(),
            **asked,
            workers=snakemake.threads,
        )
        say(f"step {step} measured")
    write_arrays(snakemake.output.features, arrays, {"patches": sampled["patches"], "steps": list(networks)})

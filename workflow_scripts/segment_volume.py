"""Probability -> mask and instances of the test block, by a method that is tuned on validation slices."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from pathlib import Path

    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_json
    from synthem.storage.scratch import scratch
    from synthem.storage.volumes import read_facts
    from synthem.watershed.methods import segment
    from synthem.watershed.predictions import read_prediction
    from synthem.watershed.segmentations import write_segmentation
    from synthem.watershed.tuning import marked_by, tune, validation_of

    params, inputs, run = snakemake.params, snakemake.input, snakemake.wildcards
    facts, zeros = read_facts(inputs.volume), scratch(Path(snakemake.output.segmentation).parent)
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    read = {"target": params.target, "median_slices": params.median_slices, "zeros": zeros}
    held_out = inputs.probability, inputs.volume, draw.validation
    validation = validation_of(*held_out, structure=params.structure, **read)
    tuned = tune(*validation, threads=snakemake.threads, **params.watershed)
    say(f"{tuned['method']} {tuned['settings']}, validation {tuned['tune_by']} {tuned['validation_score']}")

    method = {name: params.watershed[name] for name in ("method", "settings")}
    test = read_prediction(inputs.probability, "test", facts, **read)
    labels = segment(test, chosen=tuned["settings"], threads=snakemake.threads, **method)
    threshold = marked_by(params.target, tuned["method"], tuned["threshold"])
    known = {"threshold": threshold, "voxel_size_nm": facts.voxel_size_nm}
    write_segmentation(snakemake.output.segmentation, labels, test.inside, **known)
    write_json(snakemake.output.threshold, tuned | {"mask_threshold": threshold})

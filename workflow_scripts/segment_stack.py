"""Probability of a whole stack -> mask, instances and confidence, by what the runs of an arm have tuned."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from pathlib import Path

    import numpy as np

    from synthem.storage.arrays import open_arrays, writing_arrays
    from synthem.storage.files import read_json, write_json
    from synthem.storage.provenance import file_hash
    from synthem.storage.scratch import scratch, slabs
    from synthem.storage.volumes import read_facts
    from synthem.watershed.applying import border_of, confidence, settings_of_runs
    from synthem.watershed.methods import segment
    from synthem.watershed.predictions import marked_by, read_prediction

    params, inputs, made = snakemake.params, snakemake.input, snakemake.output
    facts, zeros = read_facts(inputs.volume), scratch(Path(made.segmentation).parent)
    tuned = settings_of_runs([read_json(path) for path in inputs.thresholds])
    method = {name: params.watershed[name] for name in ("method", "settings")}
    say(f"{method['method']} {tuned}, the means of {len(inputs.thresholds)} runs")
    stack = read_prediction(inputs.probability, "test", facts, params.target, zeros=zeros)
    labels = segment(stack, chosen=tuned, threads=snakemake.threads, **method)
    border = border_of(method["method"], tuned)
    threshold = marked_by(params.target, method["method"], border)
    kinds = {"mask": (labels.shape, bool), "labels": (labels.shape, np.uint32)}
    kinds |= {"confidence": (labels.shape, np.uint8)}
    with (
        open_arrays(inputs.probability) as predicted,
        writing_arrays(made.segmentation, kinds, {"voxel_size_nm": facts.voxel_size_nm}) as put,
    ):
        spread = predicted["disagreement"] if "disagreement" in predicted else None
        for slab in slabs(labels.shape):
            inside = stack.inside[slab]
            put("mask", slab.start, labels[slab] > 0 if threshold is None else inside >= threshold)
            put("confidence", slab.start, confidence(inside, border, spread and spread[slab]))
        for slab in slabs(labels.shape):
            put("labels", slab.start, labels[slab])
    write_json(
        made.provenance,
        {
            "networks": {path: file_hash(path) for path in inputs.networks},
            "tuned_by": list(inputs.thresholds),
            "method": method["method"],
            "settings": tuned,
            "mask_threshold": threshold,
            "stack": facts.provenance,
        },
    )

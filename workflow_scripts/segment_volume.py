"""Probability -> mask and instances of the test block, by a method that is tuned on the validation block."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from pathlib import Path

    import numpy as np

    from synthem.metrics.truth import truth_of
    from synthem.storage.arrays import writing_arrays
    from synthem.storage.files import write_json
    from synthem.storage.scratch import scratch, slabs
    from synthem.storage.volumes import read_facts, read_volume
    from synthem.watershed.methods import segment
    from synthem.watershed.predictions import read_prediction
    from synthem.watershed.tuning import tune

    params, path = snakemake.params, snakemake.input.probability
    facts, zeros = read_facts(snakemake.input.volume), scratch(Path(snakemake.output.segmentation).parent)
    validation = read_volume(snakemake.input.volume, block="validation", masks=[params.structure])
    tuned = tune(
        read_prediction(path, "validation", facts, params.target, zeros=zeros),
        truth_of(validation, params.structure, "validation"),
        threads=snakemake.threads,
        **params.watershed,
    )
    say(f"{tuned['method']} {tuned['settings']}, validation {tuned['tune_by']} {tuned['validation_score']}")

    method = {name: params.watershed[name] for name in ("method", "settings")}
    test = read_prediction(path, "test", facts, params.target, zeros=zeros)
    labels = segment(test, chosen=tuned["settings"], threads=snakemake.threads, **method)
    kinds = {"mask": (labels.shape, bool), "labels": (labels.shape, np.uint32)}
    about = {"voxel_size_nm": facts.voxel_size_nm}
    with writing_arrays(snakemake.output.segmentation, kinds, about) as put:
        for slab in slabs(labels.shape):
            put("mask", slab.start, labels[slab] > 0)
        for slab in slabs(labels.shape):
            put("labels", slab.start, labels[slab])
    write_json(snakemake.output.threshold, tuned)

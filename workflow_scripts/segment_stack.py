"""Probability of a whole stack -> mask, instances and confidence, by what the runs of an arm have tuned."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from pathlib import Path

    from synthem.storage.files import read_json, write_json
    from synthem.storage.naming import count_text
    from synthem.storage.provenance import file_hash
    from synthem.storage.scratch import scratch
    from synthem.storage.volumes import read_facts
    from synthem.watershed.applying import lengths_in, segment_stack, settings_of_runs

    params, inputs, made = snakemake.params, snakemake.input, snakemake.output
    facts = read_facts(inputs.volume)
    learnt_nm = params.shared.get("learnt_nm") or facts.voxel_size_nm
    if inputs.learnt:
        learnt_nm = read_facts(inputs.learnt).voxel_size_nm
    runs = params.shared.get("tuned") or [read_json(path) for path in inputs.thresholds]
    tuned = settings_of_runs(runs)
    method = {name: params.watershed[name] for name in ("method", "settings")}
    lengths = lengths_in(facts.voxel_size_nm, learnt_nm, **method)
    say(f"{method['method']} {tuned | lengths}, of {count_text(len(runs), 'run')}")
    threshold = segment_stack(
        made.segmentation,
        inputs.probability,
        facts,
        params.target,
        method=method["method"],
        settings=method["settings"] | lengths,
        tuned=tuned,
        median_slices=params.median_slices,
        threads=snakemake.threads,
        zeros=scratch(Path(made.segmentation).parent),
    )
    write_json(
        made.provenance,
        {
            "networks": {path: file_hash(path) for path in params.networks},
            "tuned_by": list(
                inputs.thresholds or params.networks
            ),  # shared networks hold what was tuned for them
            "method": method["method"],
            "settings": tuned,
            "lengths_px": lengths,
            "mask_threshold": threshold,
            "stack": facts.provenance,
        },
    )

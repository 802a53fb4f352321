"""The probability of one test slice -> the six steps of the membrane watershed in one picture."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.watershed_steps import steps_sheet
    from synthem.storage.files import read_json, write_bytes
    from synthem.storage.volumes import read_facts
    from synthem.watershed.predictions import read_prediction
    from synthem.watershed.steps import busiest_window, steps_of_tuned

    params, inputs = snakemake.params, snakemake.input
    facts, tuned = read_facts(inputs.volume), read_json(inputs.threshold)
    read = {"target": params.target, "median_slices": params.median_slices}
    inside = read_prediction(inputs.probability, "test", facts, **read).inside
    steps = steps_of_tuned(inside[len(inside) // 2], tuned, params.watershed["settings"])
    thresholds = {name: tuned["settings"][name] for name in ("interior_threshold", "edge_threshold")}
    picture = steps_sheet(busiest_window(steps, params.side), facts.voxel_size_nm, **thresholds)
    write_bytes(snakemake.output.figure, picture)

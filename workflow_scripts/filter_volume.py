"""Synthetic slices -> those that are enough like real ones, and whether they are enough to train on."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import read_json, write_json, write_table
    from synthem.storage.volumes import read_volume, write_volume
    from synthem.synthesis.acceptance import announcement, decide
    from synthem.synthesis.examples import labelled_examples
    from synthem.synthesis.filter import FILTER_COLUMNS, filter_slices, keep_slices

    inputs, made, params, run = snakemake.input, snakemake.output, snakemake.params, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    conditions = params.conditions
    candidates = read_volume(inputs.candidates)
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, slices=draw.train)
    rows = filter_slices(
        candidates.image,
        candidates.masks,
        reference_image=real.image,
        reference_masks=real.masks,
        reference_ignore=real.ignore,
        structure=conditions[0],
        **params.filter,
    )
    found = [finding for path in inputs.findings for finding in read_json(path)]
    origin = {"data_set": run.data_set, "budget": run.budget, "replicate": int(run.replicate)}
    decision = (
        origin | {"labelled_slices": draw.count} | decide(rows, least_kept=params.least_kept, findings=found)
    )
    say(announcement(decision))
    print(announcement(decision), flush=True)
    write_volume(made.volume, keep_slices(candidates, [row["kept"] for row in rows]))
    write_table(made.table, rows, FILTER_COLUMNS)
    write_json(made.decision, decision)

"""Synthetic slices -> pictures: painted on real masks, and on new ones with what the filter kept."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.synthesis import repainting_sheet, synthesis_sheet
    from synthem.storage.budgets import draw_of
    from synthem.storage.files import write_bytes
    from synthem.storage.tables import read_table
    from synthem.storage.volumes import read_facts, read_volume
    from synthem.synthesis.examples import labelled_examples

    inputs, params, run = snakemake.input, snakemake.params, snakemake.wildcards
    draw = draw_of(inputs.volume, budget=run.budget, replicate=run.replicate, **params.labels)
    conditions = params.conditions
    real = labelled_examples(inputs.volume, inputs.get("membrane"), conditions=conditions, slices=draw.train)
    repainted, rows = read_volume(inputs.repainted), read_table(inputs.table)
    tiles, shown = read_facts(inputs.volume).tiles, repainted.facts.provenance["source_slices"]
    own, of_shown = ([tiles[z] for z in slices] if tiles else [] for slices in (real.slices, shown))
    beside = real.image[[real.slices.index(z) for z in shown]]
    sheet = repainting_sheet(beside, repainted, masks=conditions, sizes=of_shown)
    write_bytes(snakemake.output.repainted, sheet)
    sheet = synthesis_sheet(real.image, read_volume(inputs.candidates), rows, masks=conditions, sizes=own)
    write_bytes(snakemake.output.filtered, sheet)

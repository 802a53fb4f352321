"""Scores of all budgets -> what labels are worth: saved by an arm, added, and chosen elsewhere."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.comparison.choice import CHOICE_COLUMNS
    from synthem.comparison.label_value import value_of_labels
    from synthem.comparison.saving import SAVING_COLUMNS
    from synthem.runs.hours import hours_of_arms
    from synthem.storage.files import read_json, write_json, write_table
    from synthem.storage.tables import read_table

    params, made = snakemake.params, snakemake.output
    scores, compared = (read_table(snakemake.input[name]) for name in ("scores", "comparison"))
    unlearnt = read_json(snakemake.input.verdict)["unlearnt"]
    hours = hours_of_arms(params.parts, params.benchmarks, volume=snakemake.wildcards.volume, run=params.run)
    savings, choices, said = value_of_labels(scores, compared, unlearnt, hours=hours, **params.settings)
    for sentence in [one for sentences in said["sentences"].values() for one in sentences]:
        say(sentence)
    write_table(made.savings, savings, SAVING_COLUMNS)
    write_table(made.choices, choices, CHOICE_COLUMNS)
    write_json(made.words, said)

"""The long tables -> means over replicates, every arm against the reference, and the answer in words."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.comparison.tables import study_tables
    from synthem.metrics.columns import PARTITION_COLUMNS, SCORE_COLUMNS
    from synthem.storage.files import write_json
    from synthem.storage.frames import read_frame, write_frame
    from synthem.training.histories import losses_of_arms

    given, made, params = snakemake.input, snakemake.output, snakemake.params
    settings = ("comparison", "reference", "arms", "structure", "stops_early", "planned_replicates")
    found = study_tables(
        read_frame([given.scores], SCORE_COLUMNS),
        read_frame([given.partitions], PARTITION_COLUMNS),
        losses_of_arms([*given.histories, *given.painted_histories], params.networks),
        **{name: params[name] for name in settings},
    )
    say(found.answer["headline"])
    for name in ("comparison", "components", "summary", "partition_summary", "differences"):
        write_frame(made[name], getattr(found, name))
    write_json(made.verdict, found.answer)

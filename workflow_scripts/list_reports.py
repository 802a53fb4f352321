"""The verdict of several targets as one, and that of each -> one page that links to their reports."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.report.rendering import use_templates
    from synthem.report.scores import endpoint_rows
    from synthem.report.side_by_side import overview
    from synthem.storage.files import read_json, write_text
    from synthem.storage.tables import read_table

    use_templates(snakemake.input.templates)
    given, params = snakemake.input, snakemake.params
    each = zip(given.comparisons, given.verdicts, given.summaries, given.partition_summaries, strict=True)
    found = {}
    for target, (table, verdict, summary, partitions) in zip(params.targets, each, strict=True):
        answer = read_json(verdict)
        found[target] = read_table(table), answer, endpoint_rows(summary, partitions, answer["endpoint"])
    together = read_table(given.comparison), read_json(given.verdict)
    write_text(snakemake.output.page, overview(found, together, structure=params.structure))

"""The objects of all whole stacks -> one table with a row for each stack, and a page that shows it."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.metrics.stack_table import columns_of, stack_rows
    from synthem.report.labelling import stacks_page
    from synthem.report.rendering import use_templates
    from synthem.storage.files import write_table, write_text

    given, params = snakemake.input, snakemake.params
    use_templates(given.templates)
    rows = stack_rows(given.objects, given.volumes)
    write_table(snakemake.output.table, rows, columns_of(rows))
    write_text(
        snakemake.output.page, stacks_page(rows, structure=params.structure, arm=snakemake.wildcards.arm)
    )

"""Pictures, tables and the verdict -> one page, and its first screen as text."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.report.contents import report_page
    from synthem.report.rendering import use_templates
    from synthem.storage.files import write_text

    use_templates(snakemake.input.templates)
    params = snakemake.params
    settings = {key: params[key] for key in ("structure", "membranes", "arms", "applied")}
    page, answer = report_page(dict(snakemake.input.items()), target=snakemake.wildcards.volume, **settings)
    write_text(snakemake.output.page, page)
    write_text(snakemake.output.answer, answer)

"""Tables and pictures of a run, and what a publication printed -> its page."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.config.papers import paper_files
    from synthem.report.paper import paper_page
    from synthem.report.rendering import use_templates
    from synthem.storage.files import write_text

    use_templates(snakemake.input.templates)
    params, given = snakemake.params, snakemake.input
    files = dict(zip(paper_files(params.paper, params.targets), given.files, strict=True))
    published = next(iter(given.published), None)
    about = {"published": published, "files": files, "confidence": params.confidence}
    page = paper_page(params.paper, params.targets, **about)
    write_text(snakemake.output.page, page)

"""Pictures, tables and the verdict -> one page."""

from synthem.files import write_text
from synthem.log import logged_to
from synthem.report.contents import report_page

with logged_to(snakemake.log[0]):
    params = snakemake.params
    page = report_page(dict(snakemake.input.items()), target=params.target, structure=params.structure)
    write_text(snakemake.output.page, page)

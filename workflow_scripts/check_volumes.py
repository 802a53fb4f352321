"""Every source of every volume -> one table of what was understood, or all problems at once."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.checks.everything import check_volumes
    from synthem.checks.findings import table_of, warnings_of
    from synthem.errors import SynthemErrors
    from synthem.storage.files import write_json

    rows, problems = check_volumes(snakemake.params.volumes, **snakemake.params.options)
    report = "\n".join(text for text in (table_of(rows), warnings_of(rows)) if text)
    say(report)
    if problems:
        raise SynthemErrors(problems)
    print(report, flush=True)
    write_json(snakemake.output.table, rows)

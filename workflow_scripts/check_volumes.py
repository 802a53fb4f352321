"""Every source of every volume -> one table of what was understood, or all problems at once."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from synthem.checks.everything import check_volumes
    from synthem.checks.findings import words_of
    from synthem.errors import SynthemErrors
    from synthem.plans.design import independent_blocks
    from synthem.plans.hopeless import too_short
    from synthem.plans.outline import outline_of, slices_tested
    from synthem.public.datasets import with_origins
    from synthem.storage.files import write_json

    params = snakemake.params
    rows, problems = check_volumes(params.volumes, **params.options)
    if params.to_answer and not problems:
        splits = params.options["splits"]
        outlines = {
            name: outline_of(name, params.volumes[name], split=splits[name], phantoms={})
            for name in params.to_answer
        }
        problems += filter(None, [too_short(independent_blocks(slices_tested(outlines)))])
    say(words_of(rows))
    if problems:
        raise SynthemErrors(with_origins(problems, params.homes))
    write_json(snakemake.output.table, rows)

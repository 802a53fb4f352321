"""The config, headers and earlier runs -> what a study can find and what it takes, on one page."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from functools import partial

    from synthem.errors import SynthemErrors
    from synthem.plans.design import hopeless
    from synthem.plans.outline import slices_tested
    from synthem.plans.page import page_of
    from synthem.plans.planning import plan_of
    from synthem.plans.timing import measured
    from synthem.plans.trainings import Training
    from synthem.storage.files import write_json, write_text

    params = snakemake.params
    trainings = [Training(**one) for one in params.trainings]
    measure = partial(measured, **params.config["compute"])
    plan = plan_of(
        params.config, trainings, params.jobs, cores=params.cores, folder=params.folder, measure=measure
    )
    page = page_of(plan)
    say(page)
    print(page, flush=True)
    write_text(f"{params.folder}/plan.txt", page)
    write_json(f"{params.folder}/plan.json", plan)
    problem = hopeless(params.config, slices_tested(plan["outlines"]))
    if problem:
        raise SynthemErrors([problem])

"""The config, headers and earlier runs -> what a study can find and what it takes, on one page."""

from synthem.log import logged_to, say

with logged_to(snakemake.log[0]):
    from functools import partial

    from synthem.plans.design import independent_blocks
    from synthem.plans.hopeless import is_to_answer, too_short
    from synthem.plans.outline import slices_tested
    from synthem.plans.page import page_of
    from synthem.plans.planning import plan_of
    from synthem.plans.timing import measured
    from synthem.plans.trainings import Training
    from synthem.storage.files import write_json, write_text

    params = snakemake.params
    trainings = [Training(**one) for one in params.trainings]
    measure = partial(measured, **params.config["compute"])
    machine = {"cores": params.cores, "gpus": params.gpus}
    plan = plan_of(params.config, trainings, params.jobs, **machine, folder=params.folder, measure=measure)
    page = page_of(plan)
    say(page)
    print(page, flush=True)
    write_text(f"{params.folder}/plan.txt", page)
    write_json(f"{params.folder}/plan.json", plan | {"config": params.of})
    problem = too_short(independent_blocks(slices_tested(plan["outlines"])))
    if problem and is_to_answer(params.config):
        raise problem

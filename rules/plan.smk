"""
The config -> what its study can find and what it takes, before any training.

needs   nothing; headers of the targets' images, and what earlier runs left below results/, where they are there
makes   results/plan.txt    a page to read
        results/plan.json   the same as data, from which a run on this machine knows how long it takes
"""


localrules:  # measured on the machine that asks
    plan,


rule plan:
    """Say what the study can find, and what it takes; no training. Steps are timed for half a minute at most."""
    log:
        "results/logs/plan.log",
    conda:
        "../envs/plan.yaml"
    threads: config["compute"]["torch_threads"]
    params:
        config=placed(config),
        trainings=lambda wildcards: [one._asdict() for one in trainings(STUDY, VOLUMES)],
        jobs=lambda wildcards: lighter_jobs(STUDY),
        cores=lambda wildcards: workflow.cores or 1,
        gpus=gpus,
        of=lambda wildcards: digest_of(config),
        folder=placed("results"),
    script:
        "../workflow_scripts/plan_study.py"

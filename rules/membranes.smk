"""
The source's membranes -> a network -> the target's membranes, where it has no mask of its own and an arm needs one.

needs   results/volumes/{volume}/volume.h5        image, structure; membrane in the source
makes   results/membranes/{volume}/network.pt     image (+ structure) -> membrane, learnt on this volume
        results/membranes/{volume}/membrane.h5    probability, membrane: uint8 [z, y, x], predicted on this volume
        results/membranes/{volume}/quality.json   plausibility, and scores where truth was withheld
"""


rule membranes:
    """Predict the target's membranes and judge them."""
    input:
        after_check(expand("results/membranes/{volume}/quality.json", volume=PREDICTED_MEMBRANES)),
        after_check(expand("results/figures/membranes/{volume}.png", volume=PREDICTED_MEMBRANES)),


rule train_membranes:
    """Train the membrane network on the source volume."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        start=start_of(membranes_of),
    output:
        network="results/membranes/{volume}/network.pt",
        history="results/membranes/{volume}/history.csv",
        provenance="results/membranes/{volume}/provenance.json",
    log:
        "results/logs/train_membranes/{volume}.log",
    benchmark:
        "results/benchmarks/train_membranes/{volume}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=240,
    params:
        membranes=lambda wildcards: placed(
            {key: membranes_of(wildcards)[key] for key in ("network", "training")}
        ),
        beside=lambda wildcards: seen_beside(wildcards.volume),
        compute=config["compute"],
        checkpoints=placed("results/checkpoints/train_membranes/{volume}"),
        code=code("train_membranes.py", MEMBRANE_SEGMENTER),
    script:
        "../workflow_scripts/train_membranes.py"


rule predict_membranes:
    """Predict membranes that nobody has drawn."""
    input:
        network=membrane_network(config),
        volume="results/volumes/{volume}/volume.h5",
    output:
        membrane="results/membranes/{volume}/membrane.h5",
    log:
        "results/logs/predict_membranes/{volume}.log",
    benchmark:
        "results/benchmarks/predict_membranes/{volume}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=60,
    params:
        threshold=config["membranes"]["threshold"],
        beside=lambda wildcards: seen_beside(config["source"]),
        inference=config["inference"],
        compute=config["compute"],
        code=code("predict_membranes.py", MEMBRANE_SEGMENTER),
    script:
        "../workflow_scripts/predict_membranes.py"


rule assess_membranes:
    """Judge predicted membranes, against the withheld truth where there is one."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane="results/membranes/{volume}/membrane.h5",
        truth=withheld_membrane,
    output:
        quality="results/membranes/{volume}/quality.json",
    log:
        "results/logs/assess_membranes/{volume}.log",
    benchmark:
        "results/benchmarks/assess_membranes/{volume}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=30,
    params:
        structure=config["structure"],
        beside=lambda wildcards: seen_beside(config["source"]),
        code=code("assess_membranes.py"),
    script:
        "../workflow_scripts/assess_membranes.py"

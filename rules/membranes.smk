"""
The source's membranes -> a network -> the target's membranes, where it has no mask of its own and an arm needs one.

needs   results/volumes/{volume}/volume.h5        image, structure; membrane in the source
makes   results/membranes/{volume}/{variant}/network.pt     image (+ structure) -> membrane, learnt on this volume
        results/membranes/{volume}/{variant}/membrane.h5    probability, membrane: uint8 [z, y, x], predicted on this volume
        results/membranes/{volume}/{variant}/quality.json   plausibility, and scores where truth was withheld
        results/membranes/{volume}/{variant}/source.json    the same where the network learnt; only of the gallery
        results/tables/{volume}/membranes.csv               both, of all variants of the gallery; only then
"""


rule membranes:
    """Predict the target's membranes and judge them."""
    input:
        after_check(of_predicted_membranes("results/membranes/{volume}/{variant}/quality.json")),
        after_check(of_predicted_membranes("results/figures/membranes/{volume}/{variant}.png")),
        after_check(
            expand(
                [
                    "results/tables/{volume}/membranes.csv",
                    "results/figures/noise/{volume}.png",
                ],
                volume=TARGETS if STUDY.gallery.membranes else [],
            )
        ),
        after_check(
            expand(
                "results/figures/membranes/{volume}.png",
                volume=WITHOUT_MEMBRANES if STUDY.gallery.membranes else [],
            )
        ),


rule train_membranes:
    """Train the membrane network on the source volume."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        start=start_of(membranes_of, "results/membranes/{volume}/{variant}/network.pt"),
    output:
        network="results/membranes/{volume}/{variant}/network.pt",
        history="results/membranes/{volume}/{variant}/history.csv",
        provenance="results/membranes/{volume}/{variant}/provenance.json",
        snapshots=directory("results/membranes/{volume}/{variant}/snapshots"),
    log:
        "results/logs/train_membranes/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/train_membranes/{volume}/{variant}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_train(membranes_of),
        runtime=time_to_train(membranes_of),
    params:
        known=by_start(learnt_of_membranes),
        start_content=start_content(membranes_of),
        membranes=lambda wildcards, input: placed(learnt_of_membranes(wildcards)),
        beside=lambda wildcards: seen_beside(wildcards.volume, wildcards.variant),
        labels={**LABELS, "strategy": "first"},  # all slices are drawn, whatever the strategy
        compute=config["compute"],
        checkpoints=placed("results/checkpoints/train_membranes/{volume}/{variant}"),
        live=placed("results/live/train_membranes/{volume}/{variant}"),
        code=lambda wildcards: code(
            "train_membranes.py",
            membrane_segmenter(wildcards),
            *adversary_of(membranes_of(wildcards)["training"]),
        ),
    script:
        "../workflow_scripts/train_membranes.py"


rule predict_membranes:
    """Predict membranes that nobody has drawn."""
    input:
        network=lambda wildcards: membrane_network(STUDY, wildcards.variant),
        volume="results/volumes/{volume}/volume.h5",
    output:
        membrane="results/membranes/{volume}/{variant}/membrane.h5",
    log:
        "results/logs/predict_membranes/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/predict_membranes/{volume}/{variant}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_predict("membranes", lambda wildcards: settings(wildcards.variant)),
        runtime=time_to_predict("membranes", lambda wildcards: settings(wildcards.variant)),
    params:
        threshold=lambda wildcards: settings(wildcards.variant)["membranes"]["threshold"],
        beside=lambda wildcards: seen_beside(config["source"], wildcards.variant),
        inference=lambda wildcards: inference_of(settings(wildcards.variant), "membranes"),
        compute=config["compute"],
        code=lambda wildcards: code("predict_membranes.py", membrane_segmenter(wildcards)),
    script:
        "../workflow_scripts/predict_membranes.py"


rule assess_membranes:
    """Judge predicted membranes, against the withheld truth where there is one."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane="results/membranes/{volume}/{variant}/membrane.h5",
        truth=withheld_membrane,
    output:
        quality="results/membranes/{volume}/{variant}/quality.json",
    log:
        "results/logs/assess_membranes/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/assess_membranes/{volume}/{variant}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        structure=config["structure"],
        beside=lambda wildcards: seen_beside(config["source"], wildcards.variant),
        code=code("assess_membranes.py"),
    script:
        "../workflow_scripts/assess_membranes.py"


rule assess_source_membranes:
    """Judge membranes where the network learnt: in slices that taught it, and in those held out."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane="results/membranes/{volume}/{variant}/membrane.h5",
    output:
        quality="results/membranes/{volume}/{variant}/source.json",
    log:
        "results/logs/assess_source_membranes/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/assess_source_membranes/{volume}/{variant}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        structure=lambda wildcards: (
            config["structure"] if config["structure"] in VOLUMES[wildcards.volume]["masks"] else None
        ),
        beside=lambda wildcards: seen_beside(wildcards.volume, wildcards.variant),
        labels={**LABELS, "strategy": "first"},  # as in train_membranes
        code=code("assess_source_membranes.py"),
    script:
        "../workflow_scripts/assess_source_membranes.py"


rule collect_membranes:
    """Put the quality of membranes under all variants of the gallery in one table."""
    input:
        source=of_shown_membranes("results/membranes/{source}/{variant}/source.json"),
        target=lambda wildcards: (
            of_shown_membranes("results/membranes/{volume}/{variant}/quality.json", **wildcards)
            if wildcards.volume in WITHOUT_MEMBRANES
            else []
        ),
    output:
        table="results/tables/{volume}/membranes.csv",
    log:
        "results/logs/collect_membranes/{volume}.log",
    benchmark:
        "results/benchmarks/collect_membranes/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        variants=[learnt_membranes(variant) for variant in STUDY.gallery.membranes],
        networks=of_shown_membranes("{variant}"),  # the order of files is not compared
        source=config["source"],
        code=code("collect_membranes.py"),
    script:
        "../workflow_scripts/collect_membranes.py"

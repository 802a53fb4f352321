"""
Real and synthetic volumes -> the networks under test -> probabilities.

needs   results/volumes/{volume}/volume.h5
        results/membranes/{volume}/network.pt         of the source, where pretraining.semantics is `encoder`
        results/synthesis/{volume}/fraction-{fraction}/volume.h5              in arms that use synthetic data
makes   results/pretraining/{volume}/network.pt   only where a training.start.from names it
        results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/network.pt
        results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/probability.h5   validation, test: uint8 [z, y, x]
                                                  or [z, y, x, c] where the network has several outputs
        results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/parts/{part}-of-{parts}.h5
                                                  the same, only while it is predicted by several jobs
"""


rule pretrain_network:
    """Learn to draw hidden parts of the training images: a start for a network of the kind `boundless`."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        start=start_of(pretraining_of),
        semantics=semantics_network,
    output:
        network="results/pretraining/{volume}/network.pt",
        history="results/pretraining/{volume}/history.csv",
        provenance="results/pretraining/{volume}/provenance.json",
    log:
        "results/logs/pretrain_network/{volume}.log",
    benchmark:
        "results/benchmarks/pretrain_network/{volume}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(6000),
        runtime=240,
    params:
        pretraining=lambda wildcards: placed(pretraining_of(wildcards)),
        compute=config["compute"],
        checkpoints=placed("results/checkpoints/pretrain_network/{volume}"),
        code=code("pretrain_network.py", *semantics_classes()),
    script:
        "../workflow_scripts/pretrain_network.py"


rule train_unet:
    """Train one network: one arm, one fraction of the labels, one seed."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        synthetic=synthetic_data,
        start=named_file(config["unets"]["training"]["start"]["from"]),
    output:
        network="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/network.pt",
        history="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/history.csv",
        provenance="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/provenance.json",
    log:
        "results/logs/train_unet/{volume}/{arm}/fraction-{fraction}/seed-{seed}.log",
    benchmark:
        "results/benchmarks/train_unet/{volume}/{arm}/fraction-{fraction}/seed-{seed}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(6000),
        runtime=240,
    params:
        unets=placed(chosen(config["unets"])),
        sets=lambda wildcards: config["arms"][wildcards.arm],
        structure=config["structure"],
        compute=config["compute"],
        checkpoints=placed("results/checkpoints/train_unet/{volume}/{arm}/fraction-{fraction}/seed-{seed}"),
        code=code("train_unet.py", UNET_SEGMENTER),
    script:
        "../workflow_scripts/train_unet.py"


rule predict_part:
    """Predict one share of the validation and the test block, where several jobs predict them together."""
    input:
        network="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/network.pt",
        volume="results/volumes/{volume}/volume.h5",
    output:
        part=temp("results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/parts/{part}-of-{parts}.h5"),
    log:
        "results/logs/predict_part/{volume}/{arm}/fraction-{fraction}/seed-{seed}/{part}-of-{parts}.log",
    benchmark:
        "results/benchmarks/predict_part/{volume}/{arm}/fraction-{fraction}/seed-{seed}/{part}-of-{parts}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=60,
    params:
        inference=config["inference"],
        compute=config["compute"],
        code=code("predict_part.py", UNET_SEGMENTER),
    script:
        "../workflow_scripts/predict_part.py"


rule predict_volume:
    """Predict the validation and the test block, or put together what other jobs predicted of them."""
    input:
        network="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/network.pt",
        volume="results/volumes/{volume}/volume.h5",
        parts=prediction_parts,
    output:
        probability="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/probability.h5",
    log:
        "results/logs/predict_volume/{volume}/{arm}/fraction-{fraction}/seed-{seed}.log",
    benchmark:
        "results/benchmarks/predict_volume/{volume}/{arm}/fraction-{fraction}/seed-{seed}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=60,
    params:
        inference=config["inference"],
        compute=config["compute"],
        code=code("predict_volume.py", UNET_SEGMENTER),
    script:
        "../workflow_scripts/predict_volume.py"

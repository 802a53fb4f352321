"""
Real and synthetic volumes -> the networks under test -> probabilities.

needs   results/volumes/{volume}/volume.h5
        results/membranes/{volume}/{variant}/network.pt         of the source, where pretraining.semantics is `encoder`
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/volume.h5   of the data sets of an arm
makes   results/pretraining/{volume}/{variant}/network.pt   only where a training.start.from or the gallery names it
        results/pretraining/{volume}/{variant}/completed.h5 what it draws of hidden parts of test images; only of the gallery
        results/tables/{volume}/pretraining.csv             losses of all variants of the gallery; only then
        results/unets/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/network.pt
        results/unets/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/snapshots/   the network after chosen steps
        results/unets/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/batch.h5        its first patches before and after
                                                  their changes, and targets; only where a figure of them is asked for
        results/unets/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/probability.h5   validation slices of the draw, test block: uint8 [z, y, x]
                                                  or [z, y, x, c] where the network has several outputs
        results/unets/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/parts/{part}-of-{parts}.h5
                                                  the same, only while it is predicted by several jobs
"""


rule pretrain_network:
    """Learn to draw hidden parts of the training images: a start for a network of the kind `boundless`."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        start=start_of(pretraining_of, "results/pretraining/{volume}/{variant}/network.pt"),
        semantics=semantics_network,
    output:
        network="results/pretraining/{volume}/{variant}/network.pt",
        history="results/pretraining/{volume}/{variant}/history.csv",
        provenance="results/pretraining/{volume}/{variant}/provenance.json",
        snapshots=directory("results/pretraining/{volume}/{variant}/snapshots"),
    log:
        "results/logs/pretrain_network/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/pretrain_network/{volume}/{variant}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_train(pretraining_of),
        runtime=time_to_train(pretraining_of),
    params:
        known=pretraining_by_content,
        start_content=start_content(pretraining_of),
        semantics_content=semantics_content,
        pretraining=lambda wildcards, input: placed(pretraining_of(wildcards)),
        compute=config["compute"],
        checkpoints=placed("results/checkpoints/pretrain_network/{volume}/{variant}"),
        live=placed("results/live/pretrain_network/{volume}/{variant}"),
        code=lambda wildcards: code("pretrain_network.py", *semantics_classes(wildcards)),
    script:
        "../workflow_scripts/pretrain_network.py"


rule train_unet:
    """Train one network: one arm, one draw of labels, one seed."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        sets=sets_of,
        start=start_of(unets_of, f"results/unets/{RUN}/network.pt"),
    output:
        network=f"results/unets/{RUN}/network.pt",
        history=f"results/unets/{RUN}/history.csv",
        provenance=f"results/unets/{RUN}/provenance.json",
        snapshots=directory(f"results/unets/{RUN}/snapshots"),
    log:
        f"results/logs/train_unet/{RUN}.log",
    benchmark:
        f"results/benchmarks/train_unet/{RUN}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_train(unets_of),
        runtime=time_to_train(unets_of),
    params:
        known=by_start(unets_of),
        start_content=start_content(unets_of),
        unets=lambda wildcards, input: placed(unets_of(wildcards)),
        arm=learning_of,
        set_names=names_of_sets,
        labels=drawing_of_arm,
        structure=config["structure"],
        compute=config["compute"],
        checkpoints=placed(f"results/checkpoints/train_unet/{RUN}"),
        live=placed(f"results/live/train_unet/{RUN}"),
        code=lambda wildcards: code(
            "train_unet.py",
            segmenter_of(wildcards),
            *adversary_of(settings_of(wildcards.arm)["unets"]["training"]),
        ),
    script:
        "../workflow_scripts/train_unet.py"


rule show_batch:
    """Write the first batch that a network learns from; only where its figure is asked for."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        sets=sets_of,
    output:
        batch=f"results/unets/{RUN}/batch.h5",
    log:
        f"results/logs/show_batch/{RUN}.log",
    benchmark:
        f"results/benchmarks/show_batch/{RUN}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        mem_mb=more_each_time(6000),
        runtime=longer_each_time(30),
    params:
        unets=lambda wildcards: placed(unets_of(wildcards)),
        arm=learning_of,
        set_names=names_of_sets,
        labels=drawing_of_arm,
        structure=config["structure"],
        compute=config["compute"],
        code=lambda wildcards: code("show_batch.py", segmenter_of(wildcards)),
    script:
        "../workflow_scripts/show_batch.py"


rule predict_volume:
    """Predict the validation slices and the test block, in one job."""
    input:
        network=network_of,
        volume="results/volumes/{volume}/volume.h5",
    output:
        probability=f"results/unets/{RUN}/probability.h5",
    log:
        f"results/logs/predict_volume/{RUN}.log",
    benchmark:
        f"results/benchmarks/predict_volume/{RUN}.tsv"
    wildcard_constraints:
        volume=any_name_if(PREDICTION_PARTS == 1),
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_predict("unets", lambda wildcards: settings_of(wildcards.arm)),
        runtime=time_to_predict("unets", lambda wildcards: settings_of(wildcards.arm)),
    params:
        inference=lambda wildcards: inference_of(settings_of(wildcards.arm), "unets"),
        labels=drawing_of_arm,
        compute=config["compute"],
        code=lambda wildcards: code("predict_volume.py", segmenter_of(wildcards)),
    script:
        "../workflow_scripts/predict_volume.py"


use rule predict_volume as predict_part with:
    """Predict one share of the validation slices and the test block, where several jobs predict them together."""
    output:
        part=temp(f"results/unets/{RUN}/parts/{{part}}-of-{{parts}}.h5"),
    log:
        f"results/logs/predict_part/{RUN}/{{part}}-of-{{parts}}.log",
    benchmark:
        f"results/benchmarks/predict_part/{RUN}/{{part}}-of-{{parts}}.tsv"
    wildcard_constraints:
        volume=any_name_if(PREDICTION_PARTS > 1),


use rule predict_volume as gather_volume with:
    """Put together what several jobs predicted: no network runs. Their shares are gone then, so it is stale as they are."""
    input:
        network=network_of,
        volume="results/volumes/{volume}/volume.h5",
        parts=prediction_parts,
    log:
        f"results/logs/gather_volume/{RUN}.log",
    benchmark:
        f"results/benchmarks/gather_volume/{RUN}.tsv"
    wildcard_constraints:
        volume=any_name_if(PREDICTION_PARTS > 1),
    threads: 1
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),


rule predict_snapshots:
    """Predict with the networks of some steps of a training: learnt slices, validation slices, test block."""
    input:
        snapshots=snapshots_of,
        volume="results/volumes/{volume}/volume.h5",
    output:
        folder=temp(directory(f"results/unets/{RUN}/over_training")),
    log:
        f"results/logs/predict_snapshots/{RUN}.log",
    benchmark:
        f"results/benchmarks/predict_snapshots/{RUN}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_predict("unets", lambda wildcards: settings_of(wildcards.arm)),
        runtime=time_to_predict(
            "unets",
            lambda wildcards: settings_of(wildcards.arm),
            networks=lambda wildcards: len(unets_of(wildcards)["training"]["snapshots"]),
        ),
    params:
        inference=lambda wildcards: inference_of(settings_of(wildcards.arm), "unets"),
        labels=drawing_of_arm,
        compute=config["compute"],
        code=lambda wildcards: code("predict_snapshots.py", segmenter_of(wildcards)),
    script:
        "../workflow_scripts/predict_snapshots.py"


rule complete_images:
    """Draw hidden parts of test images, at the end of a pre-training and at its snapshots."""
    input:
        network="results/pretraining/{volume}/{variant}/network.pt",
        snapshots="results/pretraining/{volume}/{variant}/snapshots",
        volume="results/volumes/{volume}/volume.h5",
    output:
        images="results/pretraining/{volume}/{variant}/completed.h5",
    log:
        "results/logs/complete_images/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/complete_images/{volume}/{variant}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(30),
    params:
        shown=lambda wildcards: {
            "hidden": settings(wildcards.variant)["pretraining"]["hidden"],
            "size": settings(wildcards.variant)["pretraining"]["training"]["patch"],
            "count": 3,
        },
        snapshots=lambda wildcards: snapshots_before_the_end(settings(wildcards.variant)["pretraining"]),
        compute=config["compute"],
        code=code("complete_images.py"),
    script:
        "../workflow_scripts/complete_images.py"


rule collect_pretraining:
    """Put the losses of pre-training under all variants of the gallery in one table."""
    input:
        histories=of_shown_pretraining("results/pretraining/{volume}/{variant}/history.csv"),
    output:
        table="results/tables/{volume}/pretraining.csv",
    log:
        "results/logs/collect_pretraining/{volume}.log",
    benchmark:
        "results/benchmarks/collect_pretraining/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        batch_sizes={
            variant: settings(variant)["pretraining"]["training"]["batch_size"]
            for variant in STUDY.gallery.pretraining
        },
        code=code("collect_pretraining.py"),
    script:
        "../workflow_scripts/collect_pretraining.py"

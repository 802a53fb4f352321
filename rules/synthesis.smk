"""
Data sets beside the real slices: painted by a generator (new masks -> images -> those good enough), or made without one.

needs   results/gans/{volume}/{variant}/budget-{budget}/replicate-{replicate}/network.pt
makes   results/mask_generator/{volume}/{variant}/budget-{budget}/replicate-{replicate}/network.pt  only where synthesis.masks.kind is stylegan:
                                                                                                    invents masks; learnt from labelled slices only
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/masks.h5        new masks, from labelled training slices only
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/candidates.h5   a painted image for each
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/repainted.h5    labelled slices beside what is painted on their masks
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/filter.csv      what the filter measured, kept or not
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/volume.h5       those kept: a canonical volume, perhaps empty
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/decision.json   whether those kept are enough to train on
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/features.h5     of generated and real patches, only where
                                                                                                    realism.wanted
        results/exports/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/{format}/   the same for other programs, if they are
"""


rule synthetic:
    """Make the synthetic volumes, and images from nothing but chance where they are wanted."""
    input:
        [
            after_check(
                of_painted_sets(
                    f"results/exports/{DATA_SET}/{{format}}",
                    volume=volume,
                    data_sets=[data_set],
                    budget=budget,
                    replicate=replicate,
                    format=FORMATS,
                )
            )
            for volume, data_set, budget, replicate in product(TARGETS, PAINTED, BUDGETS, REPLICATES)
        ],
        after_check(of_data_sets(f"results/synthesis/{DATA_SET}/volume.h5", PAINTED + RIVALS, TARGETS)),
        after_check(
            of_data_sets(
                [
                    f"results/figures/synthesis/{DATA_SET}/filtered.png",
                    f"results/figures/synthesis/{DATA_SET}/repainted.png",
                ],
                PAINTED,
                TARGETS,
                replicate=1,
            )
        ),
        after_check(of_data_sets(f"results/figures/masks/{DATA_SET}.png", INVENTED, TARGETS, replicate=1)),
        after_check(of_data_sets(f"results/figures/pairs/{DATA_SET}.png", RIVALS, TARGETS, replicate=1)),
        after_check(expand("results/figures/sheets/{volume}/{sheet}.png", volume=TARGETS, sheet=SHEETS)),
        after_check(expand("results/figures/sheets/{volume}/{sheet}.txt", volume=TARGETS, sheet=SHEETS)),
        after_check(expand("results/figures/stylegan/{volume}.png", volume=STYLEGAN_VOLUMES)),
        after_check(
            expand(
                "results/figures/stylegan/{volume}/training.png",
                volume=STYLEGAN_VOLUMES if config["stylegan"]["training"]["snapshots"] else [],
            )
        ),


rule make_masks:
    """Bend and mirror real masks into new ones."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_set,
    output:
        masks=f"results/synthesis/{DATA_SET}/masks.h5",
    log:
        f"results/logs/make_masks/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/make_masks/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(name for name in PAINTED if name not in INVENTED),
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        masks=bending_of_set,
        conditions=conditions_of_set,
        labels=drawing_of_set,
        code=code("make_masks.py"),
    script:
        "../workflow_scripts/make_masks.py"


rule train_mask_generator:
    """Train a generator that invents masks, on the masks of the labelled slices of a draw."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_gan,
    output:
        network=f"results/mask_generator/{GAN}/network.pt",
        history=f"results/mask_generator/{GAN}/history.csv",
        provenance=f"results/mask_generator/{GAN}/provenance.json",
        snapshots=directory(f"results/mask_generator/{GAN}/snapshots"),
        findings=f"results/mask_generator/{GAN}/findings.json",
    log:
        f"results/logs/train_mask_generator/{GAN}.log",
    benchmark:
        f"results/benchmarks/train_mask_generator/{GAN}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_train(lambda wildcards: settings(wildcards.variant)["mask_generator"]),
        runtime=time_to_train(lambda wildcards: settings(wildcards.variant)["mask_generator"]),
    params:
        mask_generator=lambda wildcards: chosen(settings(wildcards.variant)["mask_generator"]),
        conditions=lambda wildcards: conditions_of(wildcards.variant),
        labels=drawing_of_generator,
        compute=config["compute"],
        checkpoints=placed(f"results/checkpoints/train_mask_generator/{GAN}"),
        live=placed(f"results/live/train_mask_generator/{GAN}"),
        code=code("train_mask_generator.py"),
    script:
        "../workflow_scripts/train_mask_generator.py"


rule invent_masks:
    """Draw new masks from nothing but chance."""
    input:
        network=mask_generator_of_set,
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_set,
    output:
        masks=f"results/synthesis/{DATA_SET}/masks.h5",
    log:
        f"results/logs/invent_masks/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/invent_masks/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(INVENTED),
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(60),
    params:
        masks=lambda wildcards: chosen(made_as(wildcards)["synthesis"]["masks"]),
        scale=lambda wildcards: made_as(wildcards)["mask_generator"]["scale"],
        conditions=conditions_of_set,
        labels=drawing_of_set,
        compute=config["compute"],
        code=code("invent_masks.py"),
    script:
        "../workflow_scripts/invent_masks.py"


rule generate_volume:
    """Paint an image on every new mask, and on real ones to compare."""
    input:
        masks=f"results/synthesis/{DATA_SET}/masks.h5",
        network=generator_of_set,
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_set,
    output:
        repainted=f"results/synthesis/{DATA_SET}/repainted.h5",
        candidates=f"results/synthesis/{DATA_SET}/candidates.h5",
    log:
        f"results/logs/generate_volume/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/generate_volume/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(PAINTED),
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(60),
    params:
        inference=painted_whole,
        conditions=conditions_of_set,
        one_hot=lambda wildcards: made_as(wildcards)["gans"]["one_hot"],
        labels=drawing_of_set,
        compute=config["compute"],
        code=lambda wildcards: code("generate_volume.py", generator_of(STUDY.variant_of(wildcards.data_set))),
    script:
        "../workflow_scripts/generate_volume.py"


checkpoint filter_volume:
    """Drop synthetic slices that are too unlike the real ones; decide whether the rest is enough to train on.

    A checkpoint, because that decides which networks there will be.
    """
    input:
        candidates=f"results/synthesis/{DATA_SET}/candidates.h5",
        findings=findings_of_set,
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_set,
    output:
        volume=f"results/synthesis/{DATA_SET}/volume.h5",
        table=f"results/synthesis/{DATA_SET}/filter.csv",
        decision=f"results/synthesis/{DATA_SET}/decision.json",
    log:
        f"results/logs/filter_volume/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/filter_volume/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(PAINTED),
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        filter=lambda wildcards: {
            key: value
            for key, value in made_as(wildcards)["synthesis"]["filter"].items()
            if key != "least_kept"
        },
        least_kept=lambda wildcards: made_as(wildcards)["synthesis"]["filter"]["least_kept"],
        conditions=conditions_of_set,
        labels=drawing_of_set,
        code=code("filter_volume.py"),
    script:
        "../workflow_scripts/filter_volume.py"


rule copy_pairs:
    """Take the labelled slices again: a control, which must neither help nor harm."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        volume=f"results/synthesis/{DATA_SET}/volume.h5",
    log:
        f"results/logs/copy_pairs/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/copy_pairs/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(STUDY.of_kind("copies")),
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        labels=drawing_of_set,
        structure=config["structure"],
        code=code("copy_pairs.py"),
    script:
        "../workflow_scripts/copy_pairs.py"


rule bend_pairs:
    """Turn and bend labelled slices together with their masks."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        volume=f"results/synthesis/{DATA_SET}/volume.h5",
    log:
        f"results/logs/bend_pairs/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/bend_pairs/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(STUDY.of_kind("bent")),
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        masks=bending_of_set,
        labels=drawing_of_set,
        structure=config["structure"],
        code=code("bend_pairs.py"),
    script:
        "../workflow_scripts/bend_pairs.py"


rule paste_objects:
    """Paste objects of labelled slices into others."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        volume=f"results/synthesis/{DATA_SET}/volume.h5",
    log:
        f"results/logs/paste_objects/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/paste_objects/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(STUDY.of_kind("copy_paste")),
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        slices=lambda wildcards: made_as(wildcards)["synthesis"]["masks"]["slices"],
        labels=drawing_of_set,
        structure=config["structure"],
        code=code("paste_objects.py"),
    script:
        "../workflow_scripts/paste_objects.py"


rule mismatch_pairs:
    """Give each generated image the masks of another one: a control, which must harm."""
    input:
        volume=matched_set,
    output:
        volume=f"results/synthesis/{DATA_SET}/volume.h5",
    log:
        f"results/logs/mismatch_pairs/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/mismatch_pairs/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(STUDY.of_kind("mismatched")),
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        code=code("mismatch_pairs.py"),
    script:
        "../workflow_scripts/mismatch_pairs.py"


rule export_synthetic:
    """Write a synthetic volume in a format of other programs."""
    input:
        volume=f"results/synthesis/{DATA_SET}/volume.h5",
    output:
        folder=directory(f"results/exports/{DATA_SET}/{{format}}"),
    log:
        f"results/logs/export_synthetic/{DATA_SET}/{{format}}.log",
    benchmark:
        f"results/benchmarks/export_synthetic/{DATA_SET}/{{format}}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(60),
    params:
        options=export_options,
        code=code("export_volume.py"),
    script:
        "../workflow_scripts/export_volume.py"


rule measure_images:
    """Describe what a generator paints at some steps of its training, and real images, by features."""
    input:
        network=generator_of_set,
        snapshots=snapshots_of_generator,
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_set,
        inception=named_file(
            lambda wildcards: config["realism"]["inception"],
            f"results/synthesis/{DATA_SET}/features.h5",
        ),
        judge=judge_of_set,
    output:
        features=f"results/synthesis/{DATA_SET}/features.h5",
    log:
        f"results/logs/measure_images/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/measure_images/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(STUDY.painters),
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(240),
    params:
        # A function of `input` is not compared: where the file lies changes nothing.
        inception=lambda wildcards, input: placed(config["realism"]["inception"]),
        inception_content=named_content(config["realism"]["inception"]),
        sampled=patches_measured,
        noises=config["realism"]["noises"],
        steps=lambda wildcards: made_as(wildcards)["gans"]["training"]["steps"],
        conditions=conditions_of_set,
        one_hot=lambda wildcards: made_as(wildcards)["gans"]["one_hot"],
        structure=config["structure"],
        inference=asked_of_judge,
        painting=painted_whole,
        labels=drawing_of_set,
        compute=config["compute"],
        code=lambda wildcards: code("measure_images.py", *networks_measured(wildcards)),
    script:
        "../workflow_scripts/measure_images.py"

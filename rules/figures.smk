"""
Everything made so far -> pictures.

needs   volumes, membranes, synthetic volumes, histories, networks, segmentations, tables
makes   results/figures/   pictures, each also in `snakemake --report`
        results/videos/    the test block slice by slice, with truth and result
"""


rule draw_volume:
    """Draw image, masks and overlay of a volume."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        figure=report(
            "results/figures/volumes/{volume}.png",
            caption="captions/volume.rst",
            category="1 Volumes",
            labels={"volume": "{volume}", "figure": "image, masks, overlay"},
        ),
    log:
        "results/logs/draw_volume/{volume}.log",
    benchmark:
        "results/benchmarks/draw_volume/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        structure=config["structure"],
        code=code("draw_volume.py"),
    script:
        "../workflow_scripts/draw_volume.py"


rule draw_membranes:
    """Draw predicted membranes beside the image, and the withheld truth."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane="results/membranes/{volume}/{variant}/membrane.h5",
        truth=withheld_membrane,
    output:
        figure=report(
            "results/figures/membranes/{volume}/{variant}.png",
            caption="captions/membranes.rst",
            category="2 Membranes",
            labels={"volume": "{volume}", "settings": "{variant}", "figure": "image, prediction, truth"},
        ),
    log:
        "results/logs/draw_membranes/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/draw_membranes/{volume}/{variant}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        beside=lambda wildcards: seen_beside(config["source"], wildcards.variant),
        code=code("draw_membranes.py"),
    script:
        "../workflow_scripts/draw_membranes.py"


rule draw_membrane_variants:
    """Draw the membranes that the networks of all variants of the gallery predict."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membranes=lambda wildcards: of_shown_membranes(
            "results/membranes/{volume}/{variant}/membrane.h5", **wildcards
        ),
    output:
        figure=report(
            "results/figures/membranes/{volume}.png",
            caption="captions/membrane_variants.rst",
            category="2 Membranes",
            labels={"volume": "{volume}", "figure": "predictions under all settings"},
        ),
    log:
        "results/logs/draw_membrane_variants/{volume}.log",
    benchmark:
        "results/benchmarks/draw_membrane_variants/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        variants=STUDY.gallery.membranes,
        networks=of_shown_membranes("{variant}"),  # as in collect_membranes
        slices=4,
        code=code("draw_membrane_variants.py"),
    script:
        "../workflow_scripts/draw_membrane_variants.py"


rule draw_noise:
    """Draw the quality of membranes against the noise that their networks learnt with."""
    input:
        table="results/tables/{volume}/membranes.csv",
    output:
        figure=report(
            "results/figures/noise/{volume}.png",
            caption="captions/noise.rst",
            category="2 Membranes",
            labels={"volume": "{volume}", "figure": "quality against noise"},
        ),
    log:
        "results/logs/draw_noise/{volume}.log",
    benchmark:
        "results/benchmarks/draw_noise/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_noise.py"),
    script:
        "../workflow_scripts/draw_noise.py"


rule draw_pretraining:
    """Draw the losses of pre-training under all variants of the gallery."""
    input:
        table="results/tables/{volume}/pretraining.csv",
    output:
        figure=report(
            "results/figures/pretraining/{volume}.png",
            caption="captions/pretraining.rst",
            category="4 Training",
            labels={"volume": "{volume}", "figure": "losses of drawing hidden parts"},
        ),
    log:
        "results/logs/draw_pretraining/{volume}.log",
    benchmark:
        "results/benchmarks/draw_pretraining/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_pretraining.py"),
    script:
        "../workflow_scripts/draw_pretraining.py"


rule draw_completed:
    """Draw hidden parts of test images beside what was there."""
    input:
        images="results/pretraining/{volume}/{variant}/completed.h5",
    output:
        figure=report(
            "results/figures/pretraining/{volume}/{variant}.png",
            caption="captions/completed.rst",
            category="4 Training",
            labels={"volume": "{volume}", "settings": "{variant}", "figure": "hidden parts, drawn"},
        ),
    log:
        "results/logs/draw_completed/{volume}/{variant}.log",
    benchmark:
        "results/benchmarks/draw_completed/{volume}/{variant}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_completed.py"),
    script:
        "../workflow_scripts/draw_completed.py"


rule draw_training:
    """Draw the losses of every network."""
    input:
        membranes=of_others("results/membranes/{volume}/{variant}/history.csv", "membranes"),
        gans=of_generators(f"results/gans/{GAN}/history.csv"),
        mask_generators=of_generators(f"results/mask_generator/{GAN}/history.csv", mask_generators_on),
        stylegan=expand("results/stylegan/{volume}/history.csv", volume=STYLEGAN_VOLUMES),
        pretraining=of_others("results/pretraining/{volume}/{variant}/history.csv", "pretraining"),
        real=of_real_runs(f"results/unets/{RUN}/history.csv", arms=TRAINED_ARMS),
        synthetic=of_painted_runs(f"results/unets/{RUN}/history.csv", arms=TRAINED_ARMS),
    output:
        figure=report(
            "results/figures/training/{volume}.png",
            caption="captions/training.rst",
            category="4 Training",
            labels={"volume": "{volume}", "figure": "losses"},
        ),
    log:
        "results/logs/draw_training/{volume}.log",
    benchmark:
        "results/benchmarks/draw_training/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        arms=TRAINED_ARMS,
        code=code("draw_training.py"),
    script:
        "../workflow_scripts/draw_training.py"


rule draw_over_training:
    """Draw the scores of every network over its training; only where the steps to look at are named."""
    input:
        scores="results/tables/{volume}/snapshots.csv",
    output:
        figure=report(
            "results/figures/over_training/{volume}.png",
            caption="captions/over_training.rst",
            category="4 Training",
            labels={"volume": "{volume}", "figure": "scores over training"},
        ),
    log:
        "results/logs/draw_over_training/{volume}.log",
    benchmark:
        "results/benchmarks/draw_over_training/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_over_training.py"),
    script:
        "../workflow_scripts/draw_over_training.py"


rule draw_batch:
    """Draw the first patches that a network learns from, and its targets; only where it is asked for."""
    input:
        batch=batch_of,
    output:
        figure=report(
            "results/figures/batches/{volume}/{arm}/budget-{budget}.png",
            caption="captions/batch.rst",
            category="4 Training",
            labels={"volume": "{volume}", "labels used": "{budget}", "figure": "what {arm} is shown"},
        ),
    log:
        "results/logs/draw_batch/{volume}/{arm}/budget-{budget}.log",
    benchmark:
        "results/benchmarks/draw_batch/{volume}/{arm}/budget-{budget}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_batch.py"),
    script:
        "../workflow_scripts/draw_batch.py"


rule draw_stylegan:
    """Draw images from nothing but chance below real ones."""
    input:
        samples="results/stylegan/{volume}/samples.h5",
    output:
        figure=report(
            "results/figures/stylegan/{volume}.png",
            caption="captions/stylegan.rst",
            category="3 Synthetic images",
            labels={"volume": "{volume}", "labels used": "none", "figure": "real, from nothing but chance"},
        ),
    log:
        "results/logs/draw_stylegan/{volume}.log",
    benchmark:
        "results/benchmarks/draw_stylegan/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        columns=config["stylegan"]["samples"]["columns"],
        code=code("draw_stylegan.py"),
    script:
        "../workflow_scripts/draw_stylegan.py"


rule draw_stylegan_training:
    """Draw images of the same random numbers after some steps of the training."""
    input:
        samples="results/stylegan/{volume}/samples.h5",
    output:
        figure=report(
            "results/figures/stylegan/{volume}/training.png",
            caption="captions/stylegan_training.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "none",
                "figure": "from nothing but chance, over training",
            },
        ),
    log:
        "results/logs/draw_stylegan_training/{volume}.log",
    benchmark:
        "results/benchmarks/draw_stylegan_training/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_stylegan_training.py"),
    script:
        "../workflow_scripts/draw_stylegan_training.py"


rule draw_masks:
    """Draw invented masks, and pieces of real ones."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_set,
        masks=f"results/synthesis/{DATA_SET}/masks.h5",
    output:
        figure=report(
            f"results/figures/masks/{DATA_SET}.png",
            caption="captions/masks.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "{budget}",
                "figure": "real and invented masks: {data_set}, replicate {replicate}",
            },
        ),
    log:
        f"results/logs/draw_masks/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/draw_masks/{DATA_SET}.tsv"
    wildcard_constraints:
        data_set=any_of(INVENTED),
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        conditions=conditions_of_set,
        labels=drawing_of_set,
        code=code("draw_masks.py"),
    script:
        "../workflow_scripts/draw_masks.py"


rule draw_pairs:
    """Draw slices of a data set that was made without a generator."""
    input:
        volume=f"results/synthesis/{DATA_SET}/volume.h5",
    output:
        figure=report(
            f"results/figures/pairs/{DATA_SET}.png",
            caption="captions/pairs.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "{budget}",
                "figure": "images and masks: {data_set}, replicate {replicate}",
            },
        ),
    log:
        f"results/logs/draw_pairs/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/draw_pairs/{DATA_SET}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        structure=config["structure"],
        code=code("draw_pairs.py"),
    script:
        "../workflow_scripts/draw_pairs.py"


rule draw_synthesis:
    """Draw real slices, conditions and generated slices; the best and the rejected."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of_set,
        repainted=f"results/synthesis/{DATA_SET}/repainted.h5",
        candidates=f"results/synthesis/{DATA_SET}/candidates.h5",
        table=f"results/synthesis/{DATA_SET}/filter.csv",
    output:
        repainted=report(
            f"results/figures/synthesis/{DATA_SET}/repainted.png",
            caption="captions/repainted.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "{budget}",
                "figure": "real, condition, generated: {data_set}, replicate {replicate}",
            },
        ),
        filtered=report(
            f"results/figures/synthesis/{DATA_SET}/filtered.png",
            caption="captions/filtered.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "{budget}",
                "figure": "new masks, kept and rejected: {data_set}, replicate {replicate}",
            },
        ),
    log:
        f"results/logs/draw_synthesis/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/draw_synthesis/{DATA_SET}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        conditions=conditions_of_set,
        labels=drawing_of_set,
        code=code("draw_synthesis.py"),
    script:
        "../workflow_scripts/draw_synthesis.py"


rule draw_sheet:
    """Draw generated images in rows and columns."""
    input:
        sheet="results/sheets/{volume}/{sheet}.h5",
    output:
        figure=report(
            "results/figures/sheets/{volume}/{sheet}.png",
            caption="captions/sheet.rst",
            category="3 Synthetic images",
            labels={"volume": "{volume}", "labels used": "see caption", "figure": "sheet {sheet}"},
        ),
        caption="results/figures/sheets/{volume}/{sheet}.txt",
    log:
        "results/logs/draw_sheet/{volume}/{sheet}.log",
    benchmark:
        "results/benchmarks/draw_sheet/{volume}/{sheet}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_sheet.py"),
    script:
        "../workflow_scripts/draw_sheet.py"


rule draw_realism:
    """Draw how far generated images lie from real ones: over training, against their number, by their features."""
    input:
        realism="results/tables/{volume}/realism.csv",
        floors="results/tables/{volume}/realism_floors.csv",
        stability="results/tables/{volume}/stability.csv",
        features=of_data_sets(
            f"results/synthesis/{DATA_SET}/features.h5", MEASURED, budget="{budget}", replicate=1
        ),
    output:
        curves=report(
            "results/figures/realism/{volume}/budget-{budget}/curves.png",
            caption="captions/realism_curves.rst",
            category="3 Synthetic images",
            labels={"volume": "{volume}", "labels used": "{budget}", "figure": "realism over training"},
        ),
        floors=report(
            "results/figures/realism/{volume}/budget-{budget}/floors.png",
            caption="captions/realism_floors.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "{budget}",
                "figure": "realism against the number of images",
            },
        ),
        components=report(
            "results/figures/realism/{volume}/budget-{budget}/components.png",
            caption="captions/realism_components.rst",
            category="3 Synthetic images",
            labels={"volume": "{volume}", "labels used": "{budget}", "figure": "real and generated patches"},
        ),
        stability=report(
            "results/figures/realism/{volume}/budget-{budget}/stability.png",
            caption="captions/realism_stability.rst",
            category="3 Synthetic images",
            labels={"volume": "{volume}", "labels used": "{budget}", "figure": "swing of the losses"},
        ),
    log:
        "results/logs/draw_realism/{volume}/budget-{budget}.log",
    benchmark:
        "results/benchmarks/draw_realism/{volume}/budget-{budget}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_realism.py"),
    script:
        "../workflow_scripts/draw_realism.py"


rule draw_segmentations:
    """Draw best, middling and worst test slices of the best and the worst replicate, with prediction and truth."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        scores="results/tables/{volume}/scores.csv",
        real=of_real_runs(
            f"results/watershed/{RUN}/segmentation.h5",
            budget="{budget}",
            seed=1,
        ),
        synthetic=of_painted_runs(
            f"results/watershed/{RUN}/segmentation.h5",
            budget="{budget}",
            seed=1,
        ),
    output:
        figure=report(
            "results/figures/segmentations/{volume}/budget-{budget}.png",
            caption="captions/segmentations.rst",
            category="5 Segmentations",
            labels={"volume": "{volume}", "labels used": "{budget}", "figure": "best and worst replicate"},
        ),
    log:
        "results/logs/draw_segmentations/{volume}/budget-{budget}.log",
    benchmark:
        "results/benchmarks/draw_segmentations/{volume}/budget-{budget}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        reference=REFERENCE,
        structure=config["structure"],
        code=code("draw_segmentations.py"),
    script:
        "../workflow_scripts/draw_segmentations.py"


rule draw_surface:
    """Draw truth and segmentation of the test block in three dimensions; only where it is asked for."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        segmentation="results/watershed/{volume}/{arm}/budget-{budget}/replicate-1/seed-1/segmentation.h5",
    output:
        figure=report(
            "results/figures/surfaces/{volume}/{arm}/budget-{budget}.png",
            caption="captions/surfaces.rst",
            category="5 Segmentations",
            labels={"volume": "{volume}", "labels used": "{budget}", "figure": "as a body, {arm}"},
        ),
    log:
        "results/logs/draw_surface/{volume}/{arm}/budget-{budget}.log",
    benchmark:
        "results/benchmarks/draw_surface/{volume}/{arm}/budget-{budget}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        structure=config["structure"],
        code=code("draw_surface.py"),
    script:
        "../workflow_scripts/draw_surface.py"


rule draw_video:
    """Draw a video through the test block: image, truth, segmentation."""
    input:
        segmentation=f"results/watershed/{RUN}/segmentation.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        video=report(
            f"results/videos/{RUN}.{{format}}",
            caption="captions/video.rst",
            category="5 Segmentations",
            labels={
                "volume": "{volume}",
                "labels used": "{budget}",
                "figure": "video of {arm}, replicate {replicate}",
            },
        ),
    log:
        f"results/logs/draw_video/{RUN}.{{format}}.log",
    benchmark:
        f"results/benchmarks/draw_video/{RUN}.{{format}}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        structure=config["structure"],
        video={key: config["video"][key] for key in ("frames_per_second", "panel_px")},
        code=code("draw_video.py"),
    script:
        "../workflow_scripts/draw_video.py"


rule draw_watershed:
    """Draw the six steps of the membrane watershed on a window of a test slice; only where it is asked for."""
    input:
        probability=lambda wildcards: probability_of(wildcards, **FIRST),
        volume="results/volumes/{volume}/volume.h5",
        threshold="results/watershed/{volume}/{arm}/budget-{budget}/replicate-1/seed-1/threshold.json",
    output:
        figure=report(
            "results/figures/watershed/{volume}/{arm}/budget-{budget}.png",
            caption="captions/watershed.rst",
            category="5 Segmentations",
            labels={
                "volume": "{volume}",
                "labels used": "{budget}",
                "figure": "steps of the watershed, {arm}",
            },
        ),
    log:
        "results/logs/draw_watershed/{volume}/{arm}/budget-{budget}.log",
    benchmark:
        "results/benchmarks/draw_watershed/{volume}/{arm}/budget-{budget}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        watershed=watershed_settings,
        target=target_of,
        median_slices=median_of_arm,
        side=256,
        code=code("draw_watershed.py"),
    script:
        "../workflow_scripts/draw_watershed.py"


rule draw_grid:
    """Draw the threshold grid of the membrane watershed: VOI, split and merge, means over runs."""
    input:
        grids=expand(
            "results/watershed/{{volume}}/{{arm}}/budget-{{budget}}/replicate-{replicate}/seed-{seed}/grid.csv",
            replicate=REPLICATES,
            seed=SEEDS,
        ),
    output:
        figure=report(
            "results/figures/grid/{volume}/{arm}/budget-{budget}.png",
            caption="captions/grid.rst",
            category="5 Segmentations",
            labels={"volume": "{volume}", "labels used": "{budget}", "figure": "thresholds, {arm}"},
        ),
    log:
        "results/logs/draw_grid/{volume}/{arm}/budget-{budget}.log",
    benchmark:
        "results/benchmarks/draw_grid/{volume}/{arm}/budget-{budget}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_grid.py"),
    script:
        "../workflow_scripts/draw_grid.py"


rule draw_methods:
    """Draw the scores of every method that makes instances, on the same predictions."""
    input:
        methods="results/tables/{volume}/methods.csv",
    output:
        figure=report(
            "results/figures/methods/{volume}.png",
            caption="captions/methods.rst",
            category="5 Segmentations",
            labels={"volume": "{volume}", "figure": "methods"},
        ),
    log:
        "results/logs/draw_methods/{volume}.log",
    benchmark:
        "results/benchmarks/draw_methods/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_methods.py"),
    script:
        "../workflow_scripts/draw_methods.py"


rule draw_comparison:
    """Draw score against labelled slices, and every difference with its interval."""
    input:
        scores="results/tables/{volume}/scores.csv",
        partitions="results/tables/{volume}/partitions.csv",
        summary="results/tables/{volume}/summary.csv",
        partition_summary="results/tables/{volume}/partition_summary.csv",
        comparison="results/tables/{volume}/comparison.csv",
        verdict="results/tables/{volume}/verdict.json",
    output:
        learning_curve=report(
            "results/figures/comparison/{volume}/learning_curve.png",
            caption="captions/learning_curve.rst",
            category="6 Comparison",
            labels={"volume": "{volume}", "figure": "learning curve"},
        ),
        differences=report(
            "results/figures/comparison/{volume}/differences.png",
            caption="captions/differences.rst",
            category="6 Comparison",
            labels={"volume": "{volume}", "figure": "differences"},
        ),
    log:
        "results/logs/draw_comparison/{volume}.log",
    benchmark:
        "results/benchmarks/draw_comparison/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_comparison.py"),
    script:
        "../workflow_scripts/draw_comparison.py"


rule draw_saving:
    """Draw how many labelled slices each arm is worth."""
    input:
        scores="results/tables/{volume}/scores.csv",
        savings="results/tables/{volume}/saving.csv",
    output:
        figure=report(
            "results/figures/comparison/{volume}/saving.png",
            caption="captions/saving.rst",
            category="6 Comparison",
            labels={"volume": "{volume}", "figure": "label saving"},
        ),
    log:
        "results/logs/draw_saving/{volume}.log",
    benchmark:
        "results/benchmarks/draw_saving/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        arms=ARMS,
        reference=REFERENCE,
        endpoint=config["comparison"]["endpoint"],
        code=code("draw_saving.py"),
    script:
        "../workflow_scripts/draw_saving.py"

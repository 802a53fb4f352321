"""
Everything made so far -> pictures -> one page.

needs   volumes, membranes, synthetic volumes, histories, segmentations, tables
makes   results/figures/             pictures, each also in `snakemake --report`
        results/videos/              the test block slice by slice, with truth and result
        results/report/provenance.json   what ran, with which versions, settings and seeds
        results/report/index.html    the page: opens offline, in any browser
"""


rule report:
    """Write the report."""
    input:
        after_filter("results/report/index.html"),


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
        runtime=10,
    params:
        structure=config["structure"],
        code=code("draw_volume.py"),
    script:
        "../workflow_scripts/draw_volume.py"


rule draw_membranes:
    """Draw predicted membranes beside the image, and the withheld truth."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane="results/membranes/{volume}/membrane.h5",
        truth=withheld_membrane,
    output:
        figure=report(
            "results/figures/membranes/{volume}.png",
            caption="captions/membranes.rst",
            category="2 Membranes",
            labels={"volume": "{volume}", "figure": "image, prediction, truth"},
        ),
    log:
        "results/logs/draw_membranes/{volume}.log",
    benchmark:
        "results/benchmarks/draw_membranes/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=10,
    params:
        beside=lambda wildcards: seen_beside(config["source"]),
        code=code("draw_membranes.py"),
    script:
        "../workflow_scripts/draw_membranes.py"


rule draw_synthesis:
    """Draw real slices, conditions and generated slices; the best and the rejected."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        membrane=membrane_of,
        repainted="results/synthesis/{volume}/fraction-{fraction}/repainted.h5",
        candidates="results/synthesis/{volume}/fraction-{fraction}/candidates.h5",
        table="results/synthesis/{volume}/fraction-{fraction}/filter.csv",
    output:
        repainted=report(
            "results/figures/synthesis/{volume}/fraction-{fraction}/repainted.png",
            caption="captions/repainted.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "{fraction}",
                "figure": "real, condition, generated",
            },
        ),
        filtered=report(
            "results/figures/synthesis/{volume}/fraction-{fraction}/filtered.png",
            caption="captions/filtered.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "{fraction}",
                "figure": "new masks, kept and rejected",
            },
        ),
    log:
        "results/logs/draw_synthesis/{volume}/fraction-{fraction}.log",
    benchmark:
        "results/benchmarks/draw_synthesis/{volume}/fraction-{fraction}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=10,
    params:
        conditions=CONDITIONS,
        code=code("draw_synthesis.py"),
    script:
        "../workflow_scripts/draw_synthesis.py"


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
        runtime=10,
    params:
        columns=config["stylegan"]["samples"]["columns"],
        code=code("draw_stylegan.py"),
    script:
        "../workflow_scripts/draw_stylegan.py"


rule draw_training:
    """Draw the losses of every network."""
    input:
        membranes=expand("results/membranes/{volume}/history.csv", volume=MEMBRANE_NETWORKS),
        gans=expand("results/gans/{{volume}}/fraction-{fraction}/history.csv", fraction=SYNTHETIC_FRACTIONS),
        stylegan=expand("results/stylegan/{volume}/history.csv", volume=STYLEGAN_VOLUMES),
        pretraining=expand("results/pretraining/{volume}/history.csv", volume=PRETRAINED_VOLUMES),
        real=of_real_runs("results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/history.csv"),
        synthetic=of_synthetic_runs(
            "results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/history.csv"
        ),
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
        runtime=10,
    params:
        code=code("draw_training.py"),
    script:
        "../workflow_scripts/draw_training.py"


rule draw_segmentations:
    """Draw the best and the worst test slices with prediction and truth."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        real=of_real_runs(
            "results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5",
            fractions=["{fraction}"],
            seeds=SEEDS[:1],
        ),
        synthetic=of_synthetic_runs(
            "results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5",
            fractions=["{fraction}"],
            seeds=SEEDS[:1],
        ),
    output:
        figure=report(
            "results/figures/segmentations/{volume}/fraction-{fraction}.png",
            caption="captions/segmentations.rst",
            category="5 Segmentations",
            labels={"volume": "{volume}", "labels used": "{fraction}", "figure": "best and worst slices"},
        ),
    log:
        "results/logs/draw_segmentations/{volume}/fraction-{fraction}.log",
    benchmark:
        "results/benchmarks/draw_segmentations/{volume}/fraction-{fraction}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=10,
    params:
        reference=config["experiment"]["reference"],
        structure=config["structure"],
        code=code("draw_segmentations.py"),
    script:
        "../workflow_scripts/draw_segmentations.py"


rule draw_grid:
    """Draw the threshold grid of the membrane watershed: VOI, split and merge, means over seeds."""
    input:
        grids=expand(
            "results/watershed/{{volume}}/{{arm}}/fraction-{{fraction}}/seed-{seed}/grid.csv", seed=SEEDS
        ),
    output:
        figure=report(
            "results/figures/grid/{volume}/{arm}/fraction-{fraction}.png",
            caption="captions/grid.rst",
            category="5 Segmentations",
            labels={"volume": "{volume}", "labels used": "{fraction}", "figure": "thresholds, {arm}"},
        ),
    log:
        "results/logs/draw_grid/{volume}/{arm}/fraction-{fraction}.log",
    benchmark:
        "results/benchmarks/draw_grid/{volume}/{arm}/fraction-{fraction}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=10,
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
        runtime=10,
    params:
        code=code("draw_methods.py"),
    script:
        "../workflow_scripts/draw_methods.py"


rule draw_video:
    """Draw a video through the test block: image, truth, segmentation."""
    input:
        segmentation="results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        video=report(
            "results/videos/{volume}/{arm}/fraction-{fraction}/seed-{seed}.{format}",
            caption="captions/video.rst",
            category="5 Segmentations",
            labels={
                "volume": "{volume}",
                "labels used": "{fraction}",
                "figure": "video of {arm}, seed {seed}",
            },
        ),
    log:
        "results/logs/draw_video/{volume}/{arm}/fraction-{fraction}/seed-{seed}.{format}.log",
    benchmark:
        "results/benchmarks/draw_video/{volume}/{arm}/fraction-{fraction}/seed-{seed}.{format}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=30,
    params:
        structure=config["structure"],
        video={key: config["video"][key] for key in ("frames_per_second", "panel_px")},
        code=code("draw_video.py"),
    script:
        "../workflow_scripts/draw_video.py"


rule draw_comparison:
    """Draw score against label fraction, and every difference with its interval."""
    input:
        scores="results/tables/{volume}/scores.csv",
        summary="results/tables/{volume}/summary.csv",
        comparison="results/tables/{volume}/comparison.csv",
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
        runtime=10,
    params:
        comparison={key: config["comparison"][key] for key in ("confidence", "smallest_effect")},
        code=code("draw_comparison.py"),
    script:
        "../workflow_scripts/draw_comparison.py"


rule record_provenance:
    """Record what ran: versions, settings, seeds, durations."""
    input:
        networks=[
            expand("results/membranes/{volume}/provenance.json", volume=MEMBRANE_NETWORKS),
            expand(
                "results/gans/{volume}/fraction-{fraction}/provenance.json",
                volume=TARGET,
                fraction=SYNTHETIC_FRACTIONS,
            ),
            expand("results/stylegan/{volume}/provenance.json", volume=STYLEGAN_VOLUMES),
            expand("results/pretraining/{volume}/provenance.json", volume=PRETRAINED_VOLUMES),
            of_real_runs("results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/provenance.json"),
        ],
        synthetic=of_synthetic_runs(
            "results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/provenance.json"
        ),
        tables=f"results/tables/{TARGET}/comparison.csv",
    output:
        provenance="results/report/provenance.json",
    log:
        "results/logs/record_provenance.log",
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=10,
    params:
        config=config,
        benchmarks=placed("results/benchmarks"),
        code=code("record_provenance.py"),
    script:
        "../workflow_scripts/record_provenance.py"


rule write_report:
    """Write the one page that answers the question."""
    input:
        checks="results/checks/volumes.json",
        volumes=expand("results/figures/volumes/{volume}.png", volume=VOLUMES),
        membranes=expand("results/figures/membranes/{volume}.png", volume=PREDICTED_MEMBRANES),
        quality=expand("results/membranes/{volume}/quality.json", volume=PREDICTED_MEMBRANES),
        repainted=expand(
            "results/figures/synthesis/{volume}/fraction-{fraction}/repainted.png",
            volume=TARGET,
            fraction=SYNTHETIC_FRACTIONS,
        ),
        filtered=expand(
            "results/figures/synthesis/{volume}/fraction-{fraction}/filtered.png",
            volume=TARGET,
            fraction=SYNTHETIC_FRACTIONS,
        ),
        decisions=DECISIONS,
        stylegan=expand("results/figures/stylegan/{volume}.png", volume=STYLEGAN_VOLUMES),
        training=f"results/figures/training/{TARGET}.png",
        learning_curve=f"results/figures/comparison/{TARGET}/learning_curve.png",
        differences=f"results/figures/comparison/{TARGET}/differences.png",
        segmentations=expand(
            "results/figures/segmentations/{volume}/fraction-{fraction}.png",
            volume=TARGET,
            fraction=FRACTIONS,
        ),
        videos=of_real_runs(
            "results/videos/{volume}/{arm}/fraction-{fraction}/seed-{seed}.{format}",
            fractions=[max(FRACTIONS)],
            seeds=SEEDS[:1],
            format=VIDEO_FORMATS,
        ),
        synthetic_videos=of_synthetic_runs(
            "results/videos/{volume}/{arm}/fraction-{fraction}/seed-{seed}.{format}",
            fractions=[max(FRACTIONS)],
            seeds=SEEDS[:1],
            format=VIDEO_FORMATS,
        ),
        grids=expand(
            "results/figures/grid/{volume}/{arm}/fraction-{fraction}.png",
            volume=TARGET,
            arm=[config["experiment"]["reference"]] if config["watershed"]["grid"] else [],
            fraction=max(FRACTIONS),
        ),
        methods=[f"results/figures/methods/{TARGET}.png"] if COMPARED_METHODS else [],
        summary=f"results/tables/{TARGET}/summary.csv",
        partition_summary=f"results/tables/{TARGET}/partition_summary.csv",
        comparison=f"results/tables/{TARGET}/comparison.csv",
        verdict=f"results/tables/{TARGET}/verdict.json",
        provenance="results/report/provenance.json",
    output:
        page=report(
            "results/report/index.html",
            caption="captions/page.rst",
            category="0 The answer",
            labels={"volume": TARGET, "figure": "the whole report"},
        ),
    log:
        "results/logs/write_report.log",
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=10,
    params:
        target=TARGET,
        structure=config["structure"],
        membranes={"origin": MEMBRANES_FROM, "source": config["source"]},
        code=code("write_report.py"),
    script:
        "../workflow_scripts/write_report.py"

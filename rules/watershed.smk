"""
Probabilities -> instances.

needs   results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/probability.h5
makes   results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5   mask, labels of the test block
        results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/threshold.json    tuned on the validation block
        results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/grid.csv   only with watershed.grid: every threshold
        results/exports/{volume}/{arm}/fraction-{fraction}/seed-{seed}/{format}/   the same, with image and truth, for other programs
"""


rule segmentations:
    """Segment the test block with every network."""
    input:
        of_every_run("results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5"),
        of_every_run(
            "results/exports/{volume}/{arm}/fraction-{fraction}/seed-{seed}/{format}", format=LABEL_FORMATS
        ),
        of_every_run(
            "results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/grid.csv",
            arms=ARMS if config["watershed"]["grid"] else [],
        ),


rule segment_volume:
    """Tune a method on the validation block; cut the test block into instances."""
    input:
        probability="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/probability.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        segmentation="results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5",
        threshold="results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/threshold.json",
    log:
        "results/logs/segment_volume/{volume}/{arm}/fraction-{fraction}/seed-{seed}.log",
    benchmark:
        "results/benchmarks/segment_volume/{volume}/{arm}/fraction-{fraction}/seed-{seed}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=30,
    params:
        watershed=watershed_settings(config["watershed"]["method"]),
        target=chosen(config["unets"]["target"]),
        structure=config["structure"],
        code=code("segment_volume.py"),
    script:
        "../workflow_scripts/segment_volume.py"


rule sweep_thresholds:
    """Score every pair of thresholds of the method `membranes` on the validation block."""
    input:
        probability="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/probability.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        grid="results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/grid.csv",
    log:
        "results/logs/sweep_thresholds/{volume}/{arm}/fraction-{fraction}/seed-{seed}.log",
    benchmark:
        "results/benchmarks/sweep_thresholds/{volume}/{arm}/fraction-{fraction}/seed-{seed}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=60,
    params:
        settings=config["watershed"]["membranes"],
        target=chosen(config["unets"]["target"]),
        structure=config["structure"],
        code=code("sweep_thresholds.py"),
    script:
        "../workflow_scripts/sweep_thresholds.py"


rule export_segmentation:
    """Write a segmentation of the test block, with image and truth, in a format of other programs."""
    input:
        segmentation="results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        folder=directory("results/exports/{volume}/{arm}/fraction-{fraction}/seed-{seed}/{format}"),
    log:
        "results/logs/export_segmentation/{volume}/{arm}/fraction-{fraction}/seed-{seed}/{format}.log",
    benchmark:
        "results/benchmarks/export_segmentation/{volume}/{arm}/fraction-{fraction}/seed-{seed}/{format}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=60,
    params:
        options={},
        structure=config["structure"],
        code=code("export_segmentation.py"),
    script:
        "../workflow_scripts/export_segmentation.py"

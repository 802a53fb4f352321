"""
Segmentations -> scores -> comparison of arms -> tables.

needs   results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5
makes   results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/scores.csv       a row per test slice, and one of all
        results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/partitions.csv   VOI, Rand: three rows, one a convention
        results/metrics/{volume}/baseline.csv, baseline_partitions.csv   the same for trivial answers, that need no network
        results/tables/{volume}/scores.csv, partitions.csv               all of them
        results/tables/{volume}/isbi.csv                                 only with true instances; tuned on the test block
        results/tables/{volume}/summary.csv, partition_summary.csv       means over seeds
        results/tables/{volume}/comparison.csv                           every arm against the reference, with interval and verdict
        results/tables/{volume}/differences.csv                          the same for every score, without a verdict
        results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/methods.csv   only where watershed.compare names some
        results/tables/{volume}/methods.csv                              methods side by side; only then
"""


rule tables:
    """Make the metric tables."""
    input:
        after_filter(f"results/tables/{TARGET}/scores.csv"),
        after_filter(f"results/tables/{TARGET}/summary.csv"),
        after_filter(f"results/tables/{TARGET}/comparison.csv"),
        after_filter(f"results/tables/{TARGET}/partitions.csv"),
        after_filter(f"results/tables/{TARGET}/partition_summary.csv"),
        after_filter(f"results/tables/{TARGET}/differences.csv"),
        after_filter(with_instances(f"results/tables/{TARGET}/isbi.csv")),
        after_filter([f"results/tables/{TARGET}/methods.csv"] if COMPARED_METHODS else []),


rule score_segmentation:
    """Score one segmentation of the test block."""
    input:
        segmentation="results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/segmentation.h5",
        threshold="results/watershed/{volume}/{arm}/fraction-{fraction}/seed-{seed}/threshold.json",
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores="results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/scores.csv",
        partitions="results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/partitions.csv",
    log:
        "results/logs/score_segmentation/{volume}/{arm}/fraction-{fraction}/seed-{seed}.log",
    benchmark:
        "results/benchmarks/score_segmentation/{volume}/{arm}/fraction-{fraction}/seed-{seed}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=30,
    params:
        metrics=config["metrics"],
        structure=config["structure"],
        code=code("score_segmentation.py"),
    script:
        "../workflow_scripts/score_segmentation.py"


rule score_isbi:
    """Score one network as ISBI 2012 did: by the threshold that is best on the test block."""
    input:
        probability="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/probability.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores="results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/isbi.csv",
    log:
        "results/logs/score_isbi/{volume}/{arm}/fraction-{fraction}/seed-{seed}.log",
    benchmark:
        "results/benchmarks/score_isbi/{volume}/{arm}/fraction-{fraction}/seed-{seed}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=30,
    params:
        structure=config["structure"],
        target=chosen(config["unets"]["target"]),
        code=code("score_isbi.py"),
    script:
        "../workflow_scripts/score_isbi.py"


rule score_baseline:
    """Score what needs no network: the best grey thresholds, everything marked, nothing marked."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores="results/metrics/{volume}/baseline.csv",
        partitions="results/metrics/{volume}/baseline_partitions.csv",
    log:
        "results/logs/score_baseline/{volume}.log",
    benchmark:
        "results/benchmarks/score_baseline/{volume}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=30,
    params:
        metrics=config["metrics"],
        structure=config["structure"],
        watershed=watershed_of_masks(),
        code=code("score_baseline.py"),
    script:
        "../workflow_scripts/score_baseline.py"


rule collect_scores:
    """Put the scores of all runs of the experiment in one long table."""
    input:
        real=of_real_runs("results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/scores.csv"),
        synthetic=of_synthetic_runs(
            "results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/scores.csv"
        ),
        baseline="results/metrics/{volume}/baseline.csv",
        real_partitions=of_real_runs(
            "results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/partitions.csv"
        ),
        synthetic_partitions=of_synthetic_runs(
            "results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/partitions.csv"
        ),
        baseline_partitions="results/metrics/{volume}/baseline_partitions.csv",
        decisions=DECISIONS,
    output:
        scores="results/tables/{volume}/scores.csv",
        partitions="results/tables/{volume}/partitions.csv",
    log:
        "results/logs/collect_scores/{volume}.log",
    benchmark:
        "results/benchmarks/collect_scores/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=10,
    params:
        arms=ARMS,
        synthetic_arms=SYNTHETIC_ARMS,
        code=code("collect_scores.py"),
    script:
        "../workflow_scripts/collect_scores.py"


rule collect_isbi:
    """Put the scores of all runs in the manner of ISBI 2012 in one table."""
    input:
        real=of_real_runs("results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/isbi.csv"),
        synthetic=of_synthetic_runs("results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/isbi.csv"),
    output:
        scores="results/tables/{volume}/isbi.csv",
    log:
        "results/logs/collect_isbi/{volume}.log",
    benchmark:
        "results/benchmarks/collect_isbi/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=10,
    params:
        code=code("collect_isbi.py"),
    script:
        "../workflow_scripts/collect_isbi.py"


rule compare_arms:
    """Compare every arm with the reference, on pairs of the same seed."""
    input:
        scores="results/tables/{volume}/scores.csv",
        partitions="results/tables/{volume}/partitions.csv",
        histories=of_real_runs(
            "results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/history.csv",
            arms=[config["experiment"]["reference"]],
        ),
    output:
        summary="results/tables/{volume}/summary.csv",
        partition_summary="results/tables/{volume}/partition_summary.csv",
        comparison="results/tables/{volume}/comparison.csv",
        differences="results/tables/{volume}/differences.csv",
        verdict="results/tables/{volume}/verdict.json",
    log:
        "results/logs/compare_arms/{volume}.log",
    benchmark:
        "results/benchmarks/compare_arms/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=30,
    params:
        comparison=config["comparison"],
        reference=config["experiment"]["reference"],
        structure=config["structure"],
        stops_early=config["unets"]["training"]["validation"]["stop_after"] > 0,
        code=code("compare_arms.py"),
    script:
        "../workflow_scripts/compare_arms.py"


rule compare_methods:
    """Tune every method on the validation block of one run; score it on the test block."""
    input:
        probability="results/unets/{volume}/{arm}/fraction-{fraction}/seed-{seed}/probability.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores="results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/methods.csv",
    log:
        "results/logs/compare_methods/{volume}/{arm}/fraction-{fraction}/seed-{seed}.log",
    benchmark:
        "results/benchmarks/compare_methods/{volume}/{arm}/fraction-{fraction}/seed-{seed}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=120,
    params:
        methods={method: config["watershed"][method] for method in COMPARED_METHODS},
        tune_by=config["watershed"]["tune_by"],
        target=chosen(config["unets"]["target"]),
        structure=config["structure"],
        code=code("compare_methods.py"),
    script:
        "../workflow_scripts/compare_methods.py"


rule collect_methods:
    """Put the methods of all runs of the experiment in one table."""
    input:
        real=of_real_runs("results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/methods.csv"),
        synthetic=of_synthetic_runs(
            "results/metrics/{volume}/{arm}/fraction-{fraction}/seed-{seed}/methods.csv"
        ),
    output:
        scores="results/tables/{volume}/methods.csv",
    log:
        "results/logs/collect_methods/{volume}.log",
    benchmark:
        "results/benchmarks/collect_methods/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=10,
    params:
        code=code("collect_methods.py"),
    script:
        "../workflow_scripts/collect_methods.py"

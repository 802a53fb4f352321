"""
Segmentations -> scores -> comparison of arms -> tables.

needs   results/watershed/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/segmentation.h5
makes   results/metrics/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/scores.csv       a row per test slice, and one of all
        results/metrics/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/partitions.csv   VOI, Rand: four rows, one a convention
        results/metrics/{volume}/baseline/budget-{budget}/replicate-{replicate}.csv, ..._partitions.csv   the same for answers that need
                                                                 no network
        results/metrics/{volume}/forest/budget-{budget}/replicate-{replicate}.csv, ..._partitions.csv     a random forest's
        results/tables/{volume}/scores.csv, partitions.csv               all of them
        results/tables/{volume}/isbi.csv                                 only with true instances; tuned on the test block
        results/tables/{volume}/summary.csv, partition_summary.csv       means over replicates
        results/tables/{volume}/comparison.csv                           every arm against the reference, with interval and verdict
        results/tables/{volume}/components.csv                           what the differences vary with: replicates, blocks of slices
        results/tables/{volume}/differences.csv                          the same for every score, without a verdict
        results/tables/{volume}/saving.csv, choice.csv, labels.json      how many slices an arm is worth, how far replicates lie apart
        results/tables/{volume}/verdict.json                             the answer in sentences
        results/tables/comparison.csv, components.csv, verdict.json      all targets as one; only of several
        results/metrics/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/methods.csv   only where watershed.compare names some
        results/tables/{volume}/methods.csv                              methods side by side; only then
        results/tables/{volume}/grid.csv                                 all pairs of thresholds; only with watershed.grid
        results/metrics/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/snapshots.csv   only where unets.training.snapshots
                                                                 has steps: scores of learnt slices and test block
        results/tables/{volume}/snapshots.csv                            of all runs; only then
        results/metrics/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/realism.csv, realism_floors.csv   only where realism.wanted: how far
                                                                 generated images lie from real ones, and real ones from real ones
        results/tables/{volume}/realism.csv, realism_floors.csv, stability.csv   of all generators, with how much their losses swing; only then
        results/compared.txt, compared.csv, compared_settings.csv        two finished folders; only by `snakemake compare`
"""


rule tables:
    """Make the metric tables."""
    input:
        after_filter(
            expand(
                [
                    "results/tables/{volume}/scores.csv",
                    "results/tables/{volume}/partitions.csv",
                    "results/tables/{volume}/summary.csv",
                    "results/tables/{volume}/partition_summary.csv",
                    "results/tables/{volume}/comparison.csv",
                    "results/tables/{volume}/components.csv",
                    "results/tables/{volume}/differences.csv",
                    "results/tables/{volume}/verdict.json",
                    "results/tables/{volume}/saving.csv",
                    "results/tables/{volume}/choice.csv",
                    "results/tables/{volume}/labels.json",
                ],
                volume=TARGETS,
            )
        ),
        after_filter(
            [
                "results/tables/comparison.csv",
                "results/tables/components.csv",
                "results/tables/verdict.json",
            ]
            if len(TARGETS) > 1
            else []
        ),
        after_check(expand("results/tables/{volume}/collapse.csv", volume=COLLAPSE_TARGETS)),
        after_filter(with_instances("results/tables/{volume}/isbi.csv")),
        after_filter(
            expand("results/tables/{volume}/methods.csv", volume=TARGETS if COMPARED_METHODS else [])
        ),
        after_filter(expand("results/tables/{volume}/snapshots.csv", volume=TARGETS if WATCHED_ARMS else [])),
        after_filter(expand("results/tables/{volume}/grid.csv", volume=TARGETS if GRID_ARMS else [])),
        after_check(expand("results/tables/{volume}/pretraining.csv", volume=PRETRAINED_VOLUMES)),
        after_check(
            expand(
                [
                    "results/tables/{volume}/realism.csv",
                    "results/tables/{volume}/realism_floors.csv",
                    "results/tables/{volume}/stability.csv",
                ],
                volume=TARGETS if MEASURED else [],
            )
        ),


rule score_segmentation:
    """Score one segmentation of the test block."""
    input:
        segmentation=f"results/watershed/{RUN}/segmentation.h5",
        threshold=f"results/watershed/{RUN}/threshold.json",
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores=f"results/metrics/{RUN}/scores.csv",
        partitions=f"results/metrics/{RUN}/partitions.csv",
    log:
        f"results/logs/score_segmentation/{RUN}.log",
    benchmark:
        f"results/benchmarks/score_segmentation/{RUN}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(30),
    params:
        metrics=config["metrics"],
        structure=config["structure"],
        labels=drawing_of_arm,
        code=code("score_segmentation.py"),
    script:
        "../workflow_scripts/score_segmentation.py"


rule score_isbi:
    """Score one network as ISBI 2012 did: by the threshold that is best on the test block."""
    input:
        probability=probability_of,
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores=f"results/metrics/{RUN}/isbi.csv",
    log:
        f"results/logs/score_isbi/{RUN}.log",
    benchmark:
        f"results/benchmarks/score_isbi/{RUN}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        structure=config["structure"],
        target=target_of,
        median_slices=median_of_arm,
        labels=drawing_of_arm,
        code=code("score_isbi.py"),
    script:
        "../workflow_scripts/score_isbi.py"


rule score_baseline:
    """Score what needs no network: the best grey thresholds, everything marked, nothing marked."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores=f"results/metrics/{BASELINE}.csv",
        partitions=f"results/metrics/{BASELINE}_partitions.csv",
    log:
        f"results/logs/score_baseline/{DRAW}.log",
    benchmark:
        f"results/benchmarks/score_baseline/{DRAW}.tsv"
    conda:
        "../envs/imaging.yaml"
    threads: 4  # one scores 40 slices of 768 x 1024 in 20 seconds
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        metrics=config["metrics"],
        structure=config["structure"],
        watershed=watershed_of_masks(),
        median_slices=config["watershed"]["median_slices"],
        labels=drawing_of_reference,
        code=code("score_baseline.py"),
    script:
        "../workflow_scripts/score_baseline.py"


rule score_forest:
    """Score a random forest on filter responses, taught by the labelled slices of a draw."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores=f"results/metrics/{FOREST}.csv",
        partitions=f"results/metrics/{FOREST}_partitions.csv",
    log:
        f"results/logs/score_forest/{DRAW}.log",
    benchmark:
        f"results/benchmarks/score_forest/{DRAW}.tsv"
    conda:
        "../envs/forest.yaml"
    threads: 4
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        metrics=config["metrics"],
        structure=config["structure"],
        watershed=watershed_of_masks(),
        median_slices=config["watershed"]["median_slices"],
        labels=drawing_of_reference,
        forest=config["forest"],
        code=code("score_forest.py"),
    script:
        "../workflow_scripts/score_forest.py"


rule collect_scores:
    """Put the scores of all runs of the study in one long table."""
    input:
        real=of_real_runs(f"results/metrics/{RUN}/scores.csv"),
        synthetic=of_painted_runs(f"results/metrics/{RUN}/scores.csv"),
        baseline=[*of_draws(f"results/metrics/{BASELINE}.csv"), *of_draws(f"results/metrics/{FOREST}.csv")],
        real_partitions=of_real_runs(f"results/metrics/{RUN}/partitions.csv"),
        synthetic_partitions=of_painted_runs(f"results/metrics/{RUN}/partitions.csv"),
        baseline_partitions=[
            *of_draws(f"results/metrics/{BASELINE}_partitions.csv"),
            *of_draws(f"results/metrics/{FOREST}_partitions.csv"),
        ],
        decisions=of_data_sets(f"results/synthesis/{DATA_SET}/decision.json", PAINTED),
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
        runtime=longer_each_time(10),
    params:
        arms=ARMS,
        painted={arm: STUDY.generators_of(arm) for arm in PAINTED_ARMS},
        code=code("collect_scores.py"),
    script:
        "../workflow_scripts/collect_scores.py"


rule collect_isbi:
    """Put the scores of all runs in the manner of ISBI 2012 in one table."""
    input:
        real=of_real_runs(f"results/metrics/{RUN}/isbi.csv"),
        synthetic=of_painted_runs(f"results/metrics/{RUN}/isbi.csv"),
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
        runtime=longer_each_time(10),
    params:
        arms=ARMS,
        code=code("collect_isbi.py"),
    script:
        "../workflow_scripts/collect_isbi.py"


rule compare_arms:
    """Compare every arm with the reference, on pairs of the same replicate."""
    input:
        scores="results/tables/{volume}/scores.csv",
        partitions="results/tables/{volume}/partitions.csv",
        histories=of_real_runs(f"results/unets/{RUN}/history.csv", arms=TRAINED_ARMS),
        painted_histories=of_painted_runs(f"results/unets/{RUN}/history.csv", arms=TRAINED_ARMS),
    output:
        summary="results/tables/{volume}/summary.csv",
        partition_summary="results/tables/{volume}/partition_summary.csv",
        comparison="results/tables/{volume}/comparison.csv",
        components="results/tables/{volume}/components.csv",
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
        runtime=longer_each_time(30),
    params:
        comparison=config["comparison"],
        reference=REFERENCE,
        arms=ARMS_IN_WORDS,
        planned_replicates=config["study"]["planned"],
        structure=config["structure"],
        networks={arm: STUDY.networks_of(arm) for arm in ARMS},
        stops_early={
            arm: settings_of(arm)["unets"]["training"]["validation"]["stop_after"] > 0 for arm in ARMS
        },
        code=code("compare_arms.py"),
    script:
        "../workflow_scripts/compare_arms.py"


rule compare_targets:
    """Compare every arm with the reference in all targets, or folds of one stack, as one."""
    input:
        scores=expand("results/tables/{volume}/scores.csv", volume=TARGETS),
        partitions=expand("results/tables/{volume}/partitions.csv", volume=TARGETS),
        verdicts=expand("results/tables/{volume}/verdict.json", volume=TARGETS),
        comparisons=expand("results/tables/{volume}/comparison.csv", volume=TARGETS),
    output:
        comparison="results/tables/comparison.csv",
        components="results/tables/components.csv",
        verdict="results/tables/verdict.json",
    log:
        "results/logs/compare_targets.log",
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(30),
    params:
        targets=TARGETS,
        comparison=config["comparison"],
        reference=REFERENCE,
        arms=ARMS_IN_WORDS,
        planned_replicates=config["study"]["planned"],
        structure=config["structure"],
        code=code("compare_targets.py"),
    script:
        "../workflow_scripts/compare_targets.py"


rule value_labels:
    """Read off label curves how many slices each arm is worth, and how far replicates lie apart."""
    input:
        scores="results/tables/{volume}/scores.csv",
        comparison="results/tables/{volume}/comparison.csv",
        verdict="results/tables/{volume}/verdict.json",
    output:
        savings="results/tables/{volume}/saving.csv",
        choices="results/tables/{volume}/choice.csv",
        words="results/tables/{volume}/labels.json",
    log:
        "results/logs/value_labels/{volume}.log",
    benchmark:
        "results/benchmarks/value_labels/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(30),
    params:
        settings={key: config["comparison"][key] for key in ("endpoint", "confidence")}
        | {"reference": REFERENCE, "controls": CONTROLS, "strategies": strategies_alone(config)}
        | {"planned": config["study"]["planned"]},
        parts=lambda wildcards: parts_of_arms(STUDY, VOLUMES, wildcards.volume),
        run=DRAWN,
        benchmarks=placed("results/benchmarks"),
        code=code("value_labels.py"),
    script:
        "../workflow_scripts/value_labels.py"


rule compare_methods:
    """Tune every method on the validation slices of one run; score it on the test block."""
    input:
        probability=probability_of,
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores=f"results/metrics/{RUN}/methods.csv",
    log:
        f"results/logs/compare_methods/{RUN}.log",
    benchmark:
        f"results/benchmarks/compare_methods/{RUN}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(120),
    params:
        methods=lambda wildcards: {
            method: chosen(settings_of(wildcards.arm)["watershed"][method]) for method in COMPARED_METHODS
        },
        labels=drawing_of_arm,
        tune_by=lambda wildcards: settings_of(wildcards.arm)["watershed"]["tune_by"],
        target=target_of,
        median_slices=median_of_arm,
        structure=config["structure"],
        code=code("compare_methods.py"),
    script:
        "../workflow_scripts/compare_methods.py"


rule collect_methods:
    """Put the methods of all runs of the study in one table."""
    input:
        real=of_real_runs(f"results/metrics/{RUN}/methods.csv"),
        synthetic=of_painted_runs(f"results/metrics/{RUN}/methods.csv"),
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
        runtime=longer_each_time(10),
    params:
        arms=ARMS,
        code=code("collect_methods.py"),
    script:
        "../workflow_scripts/collect_methods.py"


rule collect_grids:
    """Put the threshold grids of all runs in one table."""
    input:
        real=of_real_runs(f"results/watershed/{RUN}/grid.csv", arms=GRID_ARMS),
        synthetic=of_painted_runs(f"results/watershed/{RUN}/grid.csv", arms=GRID_ARMS),
    output:
        scores="results/tables/{volume}/grid.csv",
    log:
        "results/logs/collect_grids/{volume}.log",
    benchmark:
        "results/benchmarks/collect_grids/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        arms=ARMS,
        code=code("collect_grids.py"),
    script:
        "../workflow_scripts/collect_grids.py"


rule score_snapshots:
    """Score one network over its training: slices that it has learnt, and the test block."""
    input:
        probabilities=f"results/unets/{RUN}/over_training",
        volume="results/volumes/{volume}/volume.h5",
    output:
        scores=f"results/metrics/{RUN}/snapshots.csv",
    log:
        f"results/logs/score_snapshots/{RUN}.log",
    benchmark:
        f"results/benchmarks/score_snapshots/{RUN}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(120),
    params:
        watershed=watershed_settings,
        metrics=config["metrics"],
        labels=drawing_of_arm,
        target=target_of,
        median_slices=median_of_arm,
        structure=config["structure"],
        code=code("score_snapshots.py"),
    script:
        "../workflow_scripts/score_snapshots.py"


use rule collect_methods as collect_snapshots with:
    """Put the scores of all runs over their training in one table."""
    input:
        real=of_real_runs(f"results/metrics/{RUN}/snapshots.csv", arms=WATCHED_ARMS),
        synthetic=of_painted_runs(f"results/metrics/{RUN}/snapshots.csv", arms=WATCHED_ARMS),
    output:
        scores="results/tables/{volume}/snapshots.csv",
    log:
        "results/logs/collect_snapshots/{volume}.log",
    benchmark:
        "results/benchmarks/collect_snapshots/{volume}.tsv"


rule score_realism:
    """Score how far generated images lie from real ones, beside how far real ones lie from real ones."""
    input:
        features=f"results/synthesis/{DATA_SET}/features.h5",
    output:
        scores=f"results/metrics/{DATA_SET}/realism.csv",
        floors=f"results/metrics/{DATA_SET}/realism_floors.csv",
    log:
        f"results/logs/score_realism/{DATA_SET}.log",
    benchmark:
        f"results/benchmarks/score_realism/{DATA_SET}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(60),
    params:
        code=code("score_realism.py"),
    script:
        "../workflow_scripts/score_realism.py"


rule collect_realism:
    """Put the scores of all generators over their training, and the swing of their losses, in tables."""
    input:
        scores=of_data_sets(f"results/metrics/{DATA_SET}/realism.csv", MEASURED),
        floors=of_data_sets(f"results/metrics/{DATA_SET}/realism_floors.csv", MEASURED),
        histories=of_generators(f"results/gans/{GAN}/history.csv"),
    output:
        realism="results/tables/{volume}/realism.csv",
        floors="results/tables/{volume}/realism_floors.csv",
        stability="results/tables/{volume}/stability.csv",
    log:
        "results/logs/collect_realism/{volume}.log",
    benchmark:
        "results/benchmarks/collect_realism/{volume}.tsv"
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("collect_realism.py"),
    script:
        "../workflow_scripts/collect_realism.py"


rule compare:
    """Compare two finished folders of results: snakemake compare --config compare="[results-old, results]"."""
    input:
        "results/compared.txt",


rule compare_results:
    """Hold two finished folders of results against each other: settings, and every arm that both have."""
    output:
        page="results/compared.txt",
        results="results/compared.csv",
        settings="results/compared_settings.csv",
    log:
        "results/logs/compare_results.log",
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        folders=config["compare"],
        content=finished_content,
        code=code("compare_results.py"),
    script:
        "../workflow_scripts/compare_results.py"

"""
Probabilities -> instances.

needs   results/unets/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/probability.h5
makes   results/watershed/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/segmentation.h5   mask, labels of the test block
        results/watershed/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/threshold.json    tuned on the validation slices of the draw
        results/watershed/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/grid.csv   only with watershed.grid: every threshold
        results/exports/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/{format}/   the same, with image and truth, for other programs
        results/exports/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/network.{end}   the network, for other programs;
                                                  only with exports.networks
"""


rule segmentations:
    """Segment the test block with every network."""
    input:
        of_every_run(f"results/watershed/{RUN}/segmentation.h5"),
        of_every_run(f"results/watershed/{RUN}/threshold.json"),
        of_every_run(f"results/exports/{RUN}/{{format}}", format=LABEL_FORMATS),
        of_first_runs(f"results/exports/{RUN}/network.{{end}}", end=NETWORK_ENDS),
        of_every_run(
            f"results/watershed/{RUN}/grid.csv",
            arms=GRID_ARMS,
        ),


rule segment_volume:
    """Tune a method on the validation slices of the draw; cut the test block into instances."""
    input:
        probability=probability_of,
        volume="results/volumes/{volume}/volume.h5",
    output:
        segmentation=f"results/watershed/{RUN}/segmentation.h5",
        threshold=f"results/watershed/{RUN}/threshold.json",
    log:
        f"results/logs/segment_volume/{RUN}.log",
    benchmark:
        f"results/benchmarks/segment_volume/{RUN}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        watershed=watershed_settings,
        labels=drawing_of_arm,
        target=target_of,
        median_slices=median_of_arm,
        structure=config["structure"],
        code=code("segment_volume.py"),
    script:
        "../workflow_scripts/segment_volume.py"


rule sweep_thresholds:
    """Score every pair of thresholds of the method `membranes` on the validation slices."""
    input:
        probability=probability_of,
        volume="results/volumes/{volume}/volume.h5",
    output:
        grid=f"results/watershed/{RUN}/grid.csv",
    log:
        f"results/logs/sweep_thresholds/{RUN}.log",
    benchmark:
        f"results/benchmarks/sweep_thresholds/{RUN}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(60),
    params:
        settings=lambda wildcards: settings_of(wildcards.arm)["watershed"]["membranes"] | {"preset": ""},
        labels=drawing_of_arm,
        target=target_of,
        median_slices=median_of_arm,
        structure=config["structure"],
        code=code("sweep_thresholds.py"),
    script:
        "../workflow_scripts/sweep_thresholds.py"


rule export_segmentation:
    """Write a segmentation of the test block, with image and truth, in a format of other programs."""
    input:
        segmentation=f"results/watershed/{RUN}/segmentation.h5",
        volume="results/volumes/{volume}/volume.h5",
    output:
        folder=directory(f"results/exports/{RUN}/{{format}}"),
    log:
        f"results/logs/export_segmentation/{RUN}/{{format}}.log",
    benchmark:
        f"results/benchmarks/export_segmentation/{RUN}/{{format}}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(60),
    params:
        structure=config["structure"],
        code=code("export_segmentation.py"),
    script:
        "../workflow_scripts/export_segmentation.py"


rule export_network:
    """Write a network for other programs: a bioimage.io package, or safetensors."""
    input:
        network=network_of,
        provenance=origin_of,
        threshold=f"results/watershed/{RUN}/threshold.json",
        volume="results/volumes/{volume}/volume.h5",
    output:
        file=f"results/exports/{RUN}/network.{{end}}",
    log:
        f"results/logs/export_network/{RUN}/{{end}}.log",
    benchmark:
        f"results/benchmarks/export_network/{RUN}/{{end}}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        described=described_network,
        compute=config["compute"],
        code=lambda wildcards: code("export_network.py", segmenter_of(wildcards)),
    script:
        "../workflow_scripts/export_network.py"

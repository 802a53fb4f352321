"""
The user's files -> canonical volumes.

needs   the files under `volumes:` in the config
makes   results/phantoms/{phantom}/          embedded data, as a user's files would be
        results/checks/volumes.json          what was understood of each file
        results/volumes/{volume}/volume.h5   image, masks, labels, voxel size, blocks
        results/withheld/{volume}.h5         truth that only assessments read
        results/volumes/{volume}/png/        slices to look at
        results/volumes/{volume}/pairs.npz   image and masks for other programs
"""


rule check:
    """Check all data of the run; no training."""
    input:
        "results/checks/volumes.json",


rule volumes:
    """Ingest and export source and target."""
    input:
        after_check(expand("results/volumes/{volume}/png", volume=VOLUMES)),
        after_check(expand("results/volumes/{volume}/pairs.npz", volume=VOLUMES)),
        after_check(expand("results/figures/volumes/{volume}.png", volume=VOLUMES)),


rule make_phantom:
    """Make embedded data: a procedural EM volume with complete ground truth."""
    output:
        folder=directory("results/phantoms/{phantom}"),
    log:
        "results/logs/make_phantom/{phantom}.log",
    benchmark:
        "results/benchmarks/make_phantom/{phantom}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=10,
    params:
        phantom=lambda wildcards: config["phantoms"][wildcards.phantom],
        code=code("make_phantom.py"),
    script:
        "../workflow_scripts/make_phantom.py"


checkpoint check_volumes:
    """Find every problem of the data, in all volumes, before anything else runs."""
    input:
        all_raw_data,
    output:
        table="results/checks/volumes.json",
    log:
        "results/logs/check_volumes.log",
    benchmark:
        "results/benchmarks/check_volumes.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=30,
    params:
        volumes=VOLUMES,
        options={
            "split": config["split"],
            "structure": config["structure"],
            "target": TARGET,
            "fractions": FRACTIONS,
        },
        content={name: content(volume) for name, volume in sorted(VOLUMES.items())},
        code=code("check_volumes.py"),
    script:
        "../workflow_scripts/check_volumes.py"


rule ingest_volume:
    """Read a user's files into the canonical volume."""
    input:
        raw_data,
    output:
        volume="results/volumes/{volume}/volume.h5",
    log:
        "results/logs/ingest_volume/{volume}.log",
    benchmark:
        "results/benchmarks/ingest_volume/{volume}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=30,
    params:
        sources=lambda wildcards: without_withheld(wildcards.volume),
        split=config["split"],
        content=lambda wildcards: content(without_withheld(wildcards.volume)),
        code=code("ingest_volume.py"),
    script:
        "../workflow_scripts/ingest_volume.py"


rule withhold_truth:
    """Keep truth that no network may see in a file of its own."""
    input:
        withheld_data,
    output:
        truth="results/withheld/{volume}.h5",
    log:
        "results/logs/withhold_truth/{volume}.log",
    benchmark:
        "results/benchmarks/withhold_truth/{volume}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=30,
    params:
        sources=lambda wildcards: VOLUMES[wildcards.volume]["withheld"],
        content=lambda wildcards: content({"withheld": VOLUMES[wildcards.volume]["withheld"]}),
        code=code("withhold_truth.py"),
    script:
        "../workflow_scripts/withhold_truth.py"


rule export_volume:
    """Write a volume as PNG slices and as image and mask pairs."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        png=directory("results/volumes/{volume}/png"),
        pairs="results/volumes/{volume}/pairs.npz",
    log:
        "results/logs/export_volume/{volume}.log",
    benchmark:
        "results/benchmarks/export_volume/{volume}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=30,
    params:
        code=code("export_volume.py"),
    script:
        "../workflow_scripts/export_volume.py"

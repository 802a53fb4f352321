"""
The user's files -> canonical volumes.

needs   the files under `volumes:` in the config
makes   results/downloads/{volume}.json      public files that `snakemake fetch` has put into the volume's folder
        results/phantoms/{phantom}/          embedded data, as a user's files would be
        results/checks/volumes.json          what was understood of each file
        results/checks/hierarchy.txt         every folder of the data as a tree
        results/volumes/{volume}/volume.h5   image, masks, labels, voxel size, blocks
        results/withheld/{volume}.h5         truth that only assessments read
        results/exports/{volume}/volume/{format}/   the volume for other programs
"""


localrules:  # the nodes of a cluster have no network
    fetch_volume,


rule new:
    """No target: `make new IMAGE=data/stack.tif MASK=data/mask.tif` writes a config for your own data."""
    input:
        [],


rule check:
    """Check all data of the run; no training."""
    input:
        "results/checks/volumes.json",
        "results/checks/hierarchy.txt",


rule fetch:
    """Download the public files of the volumes, with pinned hashes. Nothing else ever uses the network."""
    input:
        # Volumes may share a folder, as the folds of one stack: it is filled once.
        expand(
            "results/downloads/{volume}.json",
            volume={one["folder"].rstrip("/"): name for name, one in PUBLIC_VOLUMES.items()}.values(),
        ),


rule volumes:
    """Ingest and export source and target."""
    input:
        after_check("results/checks/hierarchy.txt"),
        after_check(
            [f"results/exports/{volume}/volume/{one}" for volume in VOLUMES for one in formats_of(volume)]
        ),
        after_check(expand("results/figures/volumes/{volume}.png", volume=VOLUMES)),


rule fetch_volume:
    """Download the public files of a volume; goes on where it was interrupted."""
    output:
        listing="results/downloads/{volume}.json",
    log:
        "results/logs/fetch_volume/{volume}.log",
    benchmark:
        "results/benchmarks/fetch_volume/{volume}.tsv"
    conda:
        "../envs/downloads.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(600),
    params:
        public=lambda wildcards: PUBLIC_VOLUMES[wildcards.volume],
        code=code("fetch_volume.py"),
    script:
        "../workflow_scripts/fetch_volume.py"


rule list_data:
    """List the folders of the data as a tree, with counts and sizes."""
    input:
        all_embedded_data,
    output:
        tree="results/checks/hierarchy.txt",
    log:
        "results/logs/list_data.log",
    benchmark:
        "results/benchmarks/list_data.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        sources={name: placed(sources_of(volume)) for name, volume in sorted(VOLUMES.items())},
        content={name: content(volume) for name, volume in sorted(VOLUMES.items())},
        code=code("list_data.py"),
    script:
        "../workflow_scripts/list_data.py"


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
        runtime=longer_each_time(10),
    params:
        phantom=lambda wildcards: config["phantoms"][wildcards.phantom],
        code=code("make_phantom.py"),
    script:
        "../workflow_scripts/make_phantom.py"


checkpoint check_volumes:
    """Find every problem of the data, in all volumes, before anything else runs."""
    input:
        all_embedded_data,
        embedded_stacks,
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
        runtime=longer_each_time(30),
    params:
        volumes=placed(VOLUMES),
        options={
            "splits": SPLITS,
            "structure": config["structure"],
            "targets": TARGETS,
            "folds": folds_of_one_stack(STUDY, VOLUMES),
            "draws": DRAWS,
            "patch_slices": max(map(patch_slices_of, STUDY.arms)),
            "networks": {
                "patches": largest_patches(),
                "short_halos": short_halos(),
                "demo_sizes": demo_sizes_here(),
                "packaged_bytes": packages_bytes(),
            },
            "cutting": cutting_of_study(),
            "turning": {name: turned_slices(name) for name in VOLUMES},
            "endpoint": config["comparison"]["endpoint"],
            **stacks_to_check(),
            "meshes": meshes_to_make(),
        },
        to_answer=TARGETS if is_to_answer(config) else [],  # by targets whose test blocks are long enough
        content={name: content(volume) for name, volume in sorted((VOLUMES | WHOLE_STACKS).items())},
        homes=HOMES,
        code=code("check_volumes.py"),
    script:
        "../workflow_scripts/check_volumes.py"


rule ingest_volume:
    """Read a user's files into the canonical volume."""
    input:
        embedded_data,
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
        runtime=longer_each_time(30),
    params:
        # A function of `input` is not compared: where files lie changes nothing.
        volume=lambda wildcards, input: placed(without_withheld(wildcards.volume)),
        known=lambda wildcards: by_content(without_withheld(wildcards.volume)),
        split=lambda wildcards: SPLITS[wildcards.volume],
        content=lambda wildcards: content_ingested(without_withheld(wildcards.volume)),
        code=code("ingest_volume.py"),
    script:
        "../workflow_scripts/ingest_volume.py"


rule withhold_truth:
    """Keep truth that no network may see in a file of its own."""
    input:
        embedded_data,
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
        runtime=longer_each_time(30),
    params:
        volume=lambda wildcards, input: placed(withheld_alone(wildcards.volume)),
        known=lambda wildcards: by_content(withheld_alone(wildcards.volume)),
        code=code("withhold_truth.py"),
    script:
        "../workflow_scripts/withhold_truth.py"


rule export_volume:
    """Write a volume in a format of other programs."""
    input:
        volume="results/volumes/{volume}/volume.h5",
    output:
        folder=directory("results/exports/{volume}/volume/{format}"),
    log:
        "results/logs/export_volume/{volume}/{format}.log",
    benchmark:
        "results/benchmarks/export_volume/{volume}/{format}.tsv"
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

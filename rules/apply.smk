"""
Whole stacks without labels -> segmented by the networks of an arm.

needs   the files under `apply.stacks` in the config, and those of `apply.networks`, networks that somebody shared;
        else of the study, whose arm stands in place of the name of shared networks:
        results/unets/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/network.pt
        results/watershed/{volume}/{arm}/budget-{budget}/replicate-{replicate}/seed-{seed}/threshold.json
        results/tables/{volume}/scores.csv, partitions.csv      where the config names no arm
makes   results/apply/choice.json                   which arm, and why; only where the config names none, nor networks
        results/apply/{stack}/volume.h5             the stack as a canonical volume: all of it is its test block
        results/apply/{stack}/{arm}/probability.h5  test: mean probability, disagreement: of several networks; uint8 [z, y, x]
        results/apply/{stack}/{arm}/segmentation.h5 mask, labels, confidence
        results/apply/{stack}/{arm}/provenance.json networks and settings behind it
        results/apply/{stack}/{arm}/objects.csv     its objects: sizes, places, confidence
        results/apply/{stack}/{arm}/label_next.csv  the slices worth labelling next
        results/apply/{stack}/{arm}/label_next.html what was found, and these slices with a picture of each
        results/apply/{stack}/{arm}/slices.png      some slices, to look at
        results/apply/{stack}/{arm}/{format}/       the same for other programs
        results/apply/stacks/{arm}.csv, {arm}.html  all stacks side by side, with links to the page of each
"""


rule apply:
    """Segment whole stacks without labels: by the best arm's networks, those of a named one, or shared ones."""
    input:
        after_choice(
            "results/apply/{stack}/{arm}/segmentation.h5",
            "results/apply/{stack}/{arm}/objects.csv",
            "results/apply/{stack}/{arm}/label_next.csv",
            "results/apply/{stack}/{arm}/slices.png",
            "results/apply/{stack}/{arm}/label_next.html",
            "results/apply/{stack}/{arm}/provenance.json",
            "results/apply/stacks/{arm}.csv",
            "results/apply/stacks/{arm}.html",
            *(["results/apply/{stack}/{arm}/{format}"] if config["apply"]["formats"] else []),
        ),


rule ingest_stack:
    """Read a stack without labels into a canonical volume."""
    input:
        embedded_stack,
    output:
        volume="results/apply/{stack}/volume.h5",
    log:
        "results/logs/ingest_stack/{stack}.log",
    benchmark:
        "results/benchmarks/ingest_stack/{stack}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(60),
    params:
        volume=lambda wildcards, input: placed(WHOLE_STACKS[wildcards.stack]),
        known=lambda wildcards: by_content(WHOLE_STACKS[wildcards.stack]),
        split=WHOLE,
        content=lambda wildcards: content_ingested(WHOLE_STACKS[wildcards.stack]),
        code=code("ingest_volume.py"),
    script:
        "../workflow_scripts/ingest_volume.py"


checkpoint choose_arm:
    """Find the arm with the best mean of the endpoint, to use its networks."""
    input:
        # Functions: there may be no target.
        scores=lambda wildcards: f"results/tables/{APPLIED_TARGET}/scores.csv",
        partitions=lambda wildcards: f"results/tables/{APPLIED_TARGET}/partitions.csv",
    output:
        choice="results/apply/choice.json",
    log:
        "results/logs/choose_arm.log",
    conda:
        "../envs/tables.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        choosing={
            "arms": ARMS,
            "endpoint": config["comparison"]["endpoint"],
            "budget": str(MOST_LABELS),
            "target": APPLIED_TARGET,
        },
        code=code("choose_arm.py"),
    script:
        "../workflow_scripts/choose_arm.py"


rule predict_stack:
    """Predict a whole stack by all networks together, in one job."""
    input:
        networks=applied_networks,
        volume="results/apply/{stack}/volume.h5",
        learnt=learnt_volume,
    output:
        probability="results/apply/{stack}/{arm}/probability.h5",
    log:
        "results/logs/predict_stack/{stack}/{arm}.log",
    benchmark:
        "results/benchmarks/predict_stack/{stack}/{arm}.tsv"
    wildcard_constraints:
        stack=any_name_if(STACK_PARTS == 1),
    conda:
        "../envs/torch.yaml"
    threads: config["compute"]["torch_threads"]
    resources:
        gpu=gpus,
        mem_mb=memory_to_predict("unets", lambda wildcards: settings_of(wildcards.arm)),
        runtime=time_to_predict(
            "unets",
            lambda wildcards: settings_of(wildcards.arm),
            networks=number_of_networks,
        ),
    params:
        inference=lambda wildcards: inference_of(settings_of(wildcards.arm), "unets"),
        compute=config["compute"],
        shared=known_of_shared,
        networks=networks_used,
        pieces=placed("results/checkpoints/predict_stack/{stack}/{arm}"),
        code=lambda wildcards: code("predict_stack.py", segmenter_of(wildcards)),
    script:
        "../workflow_scripts/predict_stack.py"


use rule predict_stack as predict_stack_part with:
    """Predict one share of a stack, where several jobs predict it together."""
    output:
        part=temp("results/apply/{stack}/{arm}/parts/{part}-of-{parts}.h5"),
    log:
        "results/logs/predict_stack_part/{stack}/{arm}/{part}-of-{parts}.log",
    benchmark:
        "results/benchmarks/predict_stack_part/{stack}/{arm}/{part}-of-{parts}.tsv"
    wildcard_constraints:
        stack=any_name_if(STACK_PARTS > 1),


use rule predict_stack as gather_stack with:
    """Put together what several jobs predicted: no network runs. Their shares are gone then, so it is stale as they are."""
    input:
        networks=applied_networks,
        volume="results/apply/{stack}/volume.h5",
        learnt=learnt_volume,
        parts=stack_parts,
    log:
        "results/logs/gather_stack/{stack}/{arm}.log",
    benchmark:
        "results/benchmarks/gather_stack/{stack}/{arm}.tsv"
    wildcard_constraints:
        stack=any_name_if(STACK_PARTS > 1),
    threads: 1
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),


rule segment_stack:
    """Cut a whole stack into instances, by what the arm's own runs have tuned; say how sure each voxel is."""
    input:
        probability="results/apply/{stack}/{arm}/probability.h5",
        volume="results/apply/{stack}/volume.h5",
        learnt=learnt_volume,
        thresholds=of_applied(f"results/watershed/{RUN}/threshold.json"),
        networks=applied_networks,
    output:
        segmentation="results/apply/{stack}/{arm}/segmentation.h5",
        provenance="results/apply/{stack}/{arm}/provenance.json",
    log:
        "results/logs/segment_stack/{stack}/{arm}.log",
    benchmark:
        "results/benchmarks/segment_stack/{stack}/{arm}.tsv"
    conda:
        "../envs/imaging.yaml"
    threads: 4  # parts of a mask are cut side by side, large ones by all
    resources:
        mem_mb=more_each_time(4000),
        runtime=longer_each_time(240),
    params:
        watershed=watershed_settings,
        target=target_of,
        median_slices=median_of_arm,
        shared=known_of_shared,
        networks=networks_used,
        code=code("segment_stack.py"),
    script:
        "../workflow_scripts/segment_stack.py"


rule measure_objects:
    """List the objects of a stack: sizes, places, and how sure the networks are of each."""
    input:
        segmentation="results/apply/{stack}/{arm}/segmentation.h5",
        volume="results/apply/{stack}/volume.h5",
    output:
        objects="results/apply/{stack}/{arm}/objects.csv",
    log:
        "results/logs/measure_objects/{stack}/{arm}.log",
    benchmark:
        "results/benchmarks/measure_objects/{stack}/{arm}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(30),
    params:
        structure=structure_of_stack,
        code=code("measure_objects.py"),
    script:
        "../workflow_scripts/measure_objects.py"


rule rank_slices:
    """List the slices of a stack that are worth labelling next."""
    input:
        probability="results/apply/{stack}/{arm}/probability.h5",
        volume="results/apply/{stack}/volume.h5",
        labelled=labelled_volume,
    output:
        slices="results/apply/{stack}/{arm}/label_next.csv",
    log:
        "results/logs/rank_slices/{stack}/{arm}.log",
    benchmark:
        "results/benchmarks/rank_slices/{stack}/{arm}.tsv"
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(30),
    params:
        structure=structure_of_stack,
        own_stack=own_stack,
        code=code("rank_slices.py"),
    script:
        "../workflow_scripts/rank_slices.py"


rule export_stack:
    """Write the segmentation of a stack, with image and confidence, in a format of other programs."""
    input:
        segmentation="results/apply/{stack}/{arm}/segmentation.h5",
        volume="results/apply/{stack}/volume.h5",
    output:
        folder=directory("results/apply/{stack}/{arm}/{format}"),
    log:
        "results/logs/export_stack/{stack}/{arm}/{format}.log",
    benchmark:
        "results/benchmarks/export_stack/{stack}/{arm}/{format}.tsv"
    wildcard_constraints:
        format=any_of(config["apply"]["formats"]),
    conda:
        "../envs/imaging.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(120),
    params:
        structure=structure_of_stack,
        code=code("export_stack.py"),
    script:
        "../workflow_scripts/export_stack.py"


rule draw_stack:
    """Draw some slices of a stack with segmentation and confidence; show those worth labelling next on a page."""
    input:
        segmentation="results/apply/{stack}/{arm}/segmentation.h5",
        volume="results/apply/{stack}/volume.h5",
        objects="results/apply/{stack}/{arm}/objects.csv",
        slices="results/apply/{stack}/{arm}/label_next.csv",
        templates=own_templates(),
    output:
        page="results/apply/{stack}/{arm}/label_next.html",
        figure=report(
            "results/apply/{stack}/{arm}/slices.png",
            caption="captions/stack.rst",
            category="7 Whole stacks",
            labels={"volume": "{stack}", "arm": "{arm}", "figure": "segmentation, confidence"},
        ),
    log:
        "results/logs/draw_stack/{stack}/{arm}.log",
    benchmark:
        "results/benchmarks/draw_stack/{stack}/{arm}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        structure=structure_of_stack,
        code=code("draw_stack.py"),
    script:
        "../workflow_scripts/draw_stack.py"


rule list_stacks:
    """Put all stacks that the same networks segment side by side: how much is structure, in how many objects."""
    input:
        volumes=expand("results/apply/{stack}/volume.h5", stack=WHOLE_STACKS),
        objects=expand("results/apply/{stack}/{{arm}}/objects.csv", stack=WHOLE_STACKS),
        templates=own_templates(),
    output:
        table="results/apply/stacks/{arm}.csv",
        page="results/apply/stacks/{arm}.html",
    log:
        "results/logs/list_stacks/{arm}.log",
    benchmark:
        "results/benchmarks/list_stacks/{arm}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        structure=structure_of_stack,
        code=code("list_stacks.py"),
    script:
        "../workflow_scripts/list_stacks.py"

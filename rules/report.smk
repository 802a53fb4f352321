"""
Pictures and tables -> one page.

needs   pictures, tables, and what each network was made from
makes   results/report/{volume}/provenance.json   what ran, with which versions, settings and seeds
        results/report/{volume}/index.html    the page: opens offline, in any browser
        results/report/{volume}/answer.txt    its first screen as text, for a terminal
        results/report/index.html             the answer of several targets as one, and of each; only then
        results/report/paper.html             the tables and figures of a publication, where `paper` names one
"""


rule report:
    """Write the report."""
    input:
        # Figures by name, too: what a page shows is not made again where it alone was removed.
        after_filter(
            expand(
                [
                    "results/report/{volume}/index.html",
                    "results/report/{volume}/answer.txt",
                    "results/report/{volume}/provenance.json",
                    "results/figures/training/{volume}.png",
                    "results/figures/comparison/{volume}/learning_curve.png",
                    "results/figures/comparison/{volume}/differences.png",
                    "results/figures/comparison/{volume}/saving.png",
                ],
                volume=TARGETS,
            )
        ),
        after_filter(
            expand(
                "results/figures/segmentations/{volume}/budget-{budget}.png", volume=TARGETS, budget=BUDGETS
            )
        ),
        of_first_runs(f"results/videos/{RUN}.{{format}}", format=VIDEO_FORMATS),
        after_filter(["results/report/index.html"] if len(TARGETS) > 1 else []),
        after_check(
            expand(
                "results/figures/realism/{volume}/budget-{budget}/{figure}.png",
                volume=TARGETS if MEASURED else [],
                budget=BUDGETS,
                figure=["curves", "floors", "components", "stability"],
            )
        ),
        after_filter(["results/report/paper.html"] if config["paper"]["title"] else []),
        after_filter(
            expand("results/figures/over_training/{volume}.png", volume=TARGETS if WATCHED_ARMS else [])
        ),
        after_filter(
            expand("results/figures/methods/{volume}.png", volume=TARGETS if COMPARED_METHODS else [])
        ),
        after_check(
            expand(
                "results/figures/grid/{volume}/{arm}/budget-{budget}.png",
                volume=TARGETS,
                arm=DRAWN_GRIDS,
                budget=MOST_LABELS,
            )
        ),
        after_check(expand("results/figures/pretraining/{volume}.png", volume=PRETRAINED_VOLUMES)),
        after_check(of_shown_pretraining("results/figures/pretraining/{volume}/{variant}.png", TARGETS)),


rule record_provenance:
    """Record what ran: versions, settings, seeds, durations."""
    input:
        networks=[
            of_others("results/membranes/{volume}/{variant}/provenance.json", "membranes"),
            expand("results/stylegan/{volume}/provenance.json", volume=STYLEGAN_VOLUMES),
            of_others("results/pretraining/{volume}/{variant}/provenance.json", "pretraining"),
            of_real_runs(f"results/unets/{RUN}/provenance.json", arms=TRAINED_ARMS),
        ],
        gans=of_generators(f"results/gans/{GAN}/provenance.json"),
        mask_generators=of_generators(f"results/mask_generator/{GAN}/provenance.json", mask_generators_on),
        synthetic=of_painted_runs(f"results/unets/{RUN}/provenance.json", arms=TRAINED_ARMS),
        tables="results/tables/{volume}/comparison.csv",
    output:
        provenance="results/report/{volume}/provenance.json",
    log:
        "results/logs/record_provenance/{volume}.log",
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        # Whole stacks are no part of an answer: each has a record of its own.
        config={name: part for name, part in config.items() if name not in ("apply", "report")},
        settings=settings_of_networks,
        content=lambda wildcards: {
            name: content(without_withheld(name))
            for name in sorted(VOLUMES)
            if name == wildcards.volume or name not in TARGETS
        },
        benchmarks=placed("results/benchmarks"),
        run={**DRAWN, "volume": TARGETS, "name": names_in_places()},
        code=code("record_provenance.py"),
    script:
        "../workflow_scripts/record_provenance.py"


rule write_report:
    """Write the one page that answers the question."""
    input:
        templates=own_templates(),
        checks="results/checks/volumes.json",
        volume="results/volumes/{volume}/volume.h5",
        volumes=expand("results/figures/volumes/{volume}.png", volume=VOLUMES),
        membranes=lambda wildcards: of_own_membranes(
            "results/figures/membranes/{volume}/{variant}.png", wildcards
        ),
        quality=lambda wildcards: of_own_membranes(
            "results/membranes/{volume}/{variant}/quality.json", wildcards
        ),
        invented=of_data_sets(f"results/figures/masks/{DATA_SET}.png", INVENTED, replicate=1),
        repainted=of_data_sets(f"results/figures/synthesis/{DATA_SET}/repainted.png", PAINTED, replicate=1),
        filtered=of_data_sets(f"results/figures/synthesis/{DATA_SET}/filtered.png", PAINTED, replicate=1),
        decisions=of_data_sets(f"results/synthesis/{DATA_SET}/decision.json", PAINTED),
        pairs=of_data_sets(f"results/figures/pairs/{DATA_SET}.png", RIVALS, replicate=1),
        stylegan=expand("results/figures/stylegan/{volume}.png", volume=STYLEGAN_VOLUMES),
        quiz=["results/figures/quiz/{volume}.png"] if ANSWERED_VOLUMES else [],
        quiz_words=["results/tables/{volume}/quiz_words.json"] if ANSWERED_VOLUMES else [],
        training="results/figures/training/{volume}.png",
        learning_curve="results/figures/comparison/{volume}/learning_curve.png",
        differences="results/figures/comparison/{volume}/differences.png",
        segmentations=expand(
            "results/figures/segmentations/{volume}/budget-{budget}.png", volume="{volume}", budget=BUDGETS
        ),
        videos=of_real_runs(
            f"results/videos/{RUN}.{{format}}", budget=MOST_LABELS, **FIRST, format=VIDEO_FORMATS
        ),
        synthetic_videos=of_painted_runs(
            f"results/videos/{RUN}.{{format}}", budget=MOST_LABELS, **FIRST, format=VIDEO_FORMATS
        ),
        grids=expand(
            "results/figures/grid/{volume}/{arm}/budget-{budget}.png",
            volume="{volume}",
            arm=DRAWN_GRIDS,
            budget=MOST_LABELS,
        ),
        methods=["results/figures/methods/{volume}.png"] if COMPARED_METHODS else [],
        realism=expand(
            "results/figures/realism/{volume}/budget-{budget}/{figure}.png",
            volume="{volume}",
            budget=BUDGETS if MEASURED else [],
            figure=["curves", "floors", "components", "stability"],
        ),
        realism_table=["results/tables/{volume}/realism.csv"] if MEASURED else [],
        sheets=expand("results/figures/sheets/{volume}/{sheet}.png", volume="{volume}", sheet=SHEETS),
        sheet_words=expand("results/figures/sheets/{volume}/{sheet}.txt", volume="{volume}", sheet=SHEETS),
        pretraining=["results/figures/pretraining/{volume}.png"] if STUDY.gallery.pretraining else [],
        completed=of_shown_pretraining("results/figures/pretraining/{volume}/{variant}.png"),
        noise=["results/figures/noise/{volume}.png"] if STUDY.gallery.membranes else [],
        membrane_variants=lambda wildcards: shown_membrane_variants(wildcards.volume),
        summary="results/tables/{volume}/summary.csv",
        partition_summary="results/tables/{volume}/partition_summary.csv",
        saving="results/figures/comparison/{volume}/saving.png",
        labels="results/tables/{volume}/labels.json",
        comparison="results/tables/{volume}/comparison.csv",
        components="results/tables/{volume}/components.csv",
        verdict="results/tables/{volume}/verdict.json",
        provenance="results/report/{volume}/provenance.json",
        choice=lambda wildcards: arm_of_stacks_shown(wildcards.volume),
    output:
        page=report(
            "results/report/{volume}/index.html",
            caption="captions/page.rst",
            category="0 The answer",
            labels={"volume": "{volume}", "figure": "the whole report"},
        ),
        answer=report(
            "results/report/{volume}/answer.txt",
            caption="captions/answer.rst",
            category="0 The answer",
            labels={"volume": "{volume}", "figure": "its first screen as text"},
        ),
    log:
        "results/logs/write_report/{volume}.log",
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        arms=[
            {
                "arm": arm,
                "networks": STUDY.networks_of(arm),
                "steps": settings_of(arm)["unets"]["training"]["steps"],
                "changes": changes(STUDY, VOLUMES, arm),
            }
            | {key: config["study"][key] for key in ("replicates", "seeds")}
            for arm in ARMS
        ],
        structure=config["structure"],
        membranes=lambda wildcards: {"origin": membranes_shown(wildcards), "source": config["source"]},
        applied=lambda wildcards: {
            "stacks": stacks_shown(wildcards.volume),
            "arm": config["apply"]["arm"],
        },
        code=code("write_report.py"),
    script:
        "../workflow_scripts/write_report.py"


rule list_reports:
    """Put the answers of several targets side by side on one page, below that of all of them."""
    input:
        templates=own_templates(),
        comparison="results/tables/comparison.csv",
        verdict="results/tables/verdict.json",
        comparisons=expand("results/tables/{volume}/comparison.csv", volume=TARGETS),
        verdicts=expand("results/tables/{volume}/verdict.json", volume=TARGETS),
        summaries=expand("results/tables/{volume}/summary.csv", volume=TARGETS),
        partition_summaries=expand("results/tables/{volume}/partition_summary.csv", volume=TARGETS),
    output:
        page=report(
            "results/report/index.html",
            caption="captions/page.rst",
            category="0 The answer",
            labels={"volume": "all", "figure": "the answers side by side"},
        ),
    log:
        "results/logs/list_reports.log",
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        targets=TARGETS,
        structure=config["structure"],
        code=code("list_reports.py"),
    script:
        "../workflow_scripts/list_reports.py"


rule write_paper:
    """Write the page of a publication: its tables and figures, made anew, ours beside what it printed."""
    input:
        templates=own_templates(),
        files=paper_files(config["paper"], TARGETS),
        published=printed_values(),
    output:
        page=report(
            "results/report/paper.html",
            caption="captions/paper.rst",
            category="0 The answer",
            labels={"volume": "all", "figure": "the publication, made anew"},
        ),
    log:
        "results/logs/write_paper.log",
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        paper=config["paper"],
        confidence=config["comparison"]["confidence"],
        targets=TARGETS,
        code=code("write_paper.py"),
    script:
        "../workflow_scripts/write_paper.py"

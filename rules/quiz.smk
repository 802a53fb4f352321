"""
Real and generated images -> a page that asks people which is which -> how well they can tell.

needs   results/volumes/{volume}/volume.h5
        results/synthesis/{volume}/{data_set}/budget-{budget}/replicate-{replicate}/volume.h5   of every generator
makes   results/quiz/{volume}/quiz.html           to hand out: one file that opens offline; only if quiz.wanted
        results/quiz/{volume}/truth.json          to keep: what each of its images is
        results/tables/{volume}/quiz.csv          a row per person, source and score; only where quiz.answers names a folder
        results/tables/{volume}/quiz_words.json   the same in sentences; only then
        results/figures/quiz/{volume}.png         and in a picture; only then
"""


rule quiz:
    """Make the blind study, real or synthetic, where it is wanted; score the answers that came back."""
    input:
        of_quizzes("results/quiz/{volume}/quiz.html", "results/quiz/{volume}/truth.json"),
        after_check(
            expand(
                [
                    "results/tables/{volume}/quiz.csv",
                    "results/tables/{volume}/quiz_words.json",
                    "results/figures/quiz/{volume}.png",
                ],
                volume=ANSWERED_VOLUMES,
            )
        ),


rule make_quiz:
    """Put pieces of real slices and of generated images on one page, shuffled, without a word of which is which."""
    input:
        volume="results/volumes/{volume}/volume.h5",
        painted=of_data_sets(f"results/synthesis/{DATA_SET}/volume.h5", PAINTED),
    output:
        page="results/quiz/{volume}/quiz.html",
        truth="results/quiz/{volume}/truth.json",
    log:
        "results/logs/make_quiz/{volume}.log",
    benchmark:
        "results/benchmarks/make_quiz/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(2000),
        runtime=longer_each_time(10),
    params:
        quiz={
            **{key: config["quiz"][key] for key in ("per_source", "side", "seed")},
            "gap_nm": config["split"]["gap_nm"],
        },
        code=code("make_quiz.py"),
    script:
        "../workflow_scripts/make_quiz.py"


rule score_quiz:
    """Score the answers to the quiz: each person, all of them, and what the images of each source were taken for."""
    input:
        truth="results/quiz/{volume}/truth.json",
    output:
        scores="results/tables/{volume}/quiz.csv",
        words="results/tables/{volume}/quiz_words.json",
    log:
        "results/logs/score_quiz/{volume}.log",
    benchmark:
        "results/benchmarks/score_quiz/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        answers=answer_files,
        content=answers_content,
        code=code("score_quiz.py"),
    script:
        "../workflow_scripts/score_quiz.py"


rule draw_quiz:
    """Draw how well people told real from generated images."""
    input:
        scores="results/tables/{volume}/quiz.csv",
    output:
        figure=report(
            "results/figures/quiz/{volume}.png",
            caption="captions/quiz.rst",
            category="3 Synthetic images",
            labels={
                "volume": "{volume}",
                "labels used": "all budgets",
                "figure": "real or synthetic? Answers of people",
            },
        ),
    log:
        "results/logs/draw_quiz/{volume}.log",
    benchmark:
        "results/benchmarks/draw_quiz/{volume}.tsv"
    conda:
        "../envs/figures.yaml"
    resources:
        mem_mb=more_each_time(1000),
        runtime=longer_each_time(10),
    params:
        code=code("draw_quiz.py"),
    script:
        "../workflow_scripts/draw_quiz.py"

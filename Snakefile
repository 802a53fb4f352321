# In the order the data flows. Each file opens with what it needs and what it makes.
include: "rules/common.smk"
include: "rules/study.smk"
include: "rules/paths.smk"
include: "rules/stacks.smk"
include: "rules/plan.smk"
include: "rules/volumes.smk"
include: "rules/membranes.smk"
include: "rules/gans.smk"
include: "rules/synthesis.smk"
include: "rules/quiz.smk"
include: "rules/unets.smk"
include: "rules/watershed.smk"
include: "rules/metrics.smk"
include: "rules/figures.smk"
include: "rules/report.smk"
include: "rules/apply.smk"


if workflow.is_main_process and not sys.dont_write_bytecode:
    keep_syntaxes(SCRIPTS)  # the next start parses only what was edited


report: "rules/captions/workflow.rst"  # what `snakemake --report` opens on


rule all:
    """Everything the config asks for."""
    default_target: True
    input:
        rules.volumes.input,
        rules.membranes.input,
        rules.synthetic.input,
        rules.quiz.input,
        rules.segmentations.input,
        rules.tables.input,
        rules.report.input,
        rules.apply.input,

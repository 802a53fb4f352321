"""A segmentation of the test block, the image and the truth -> a video through the slices."""

from synthem.log import logged_to

with logged_to(snakemake.log[0]):
    from synthem.figures.frames import palette, shown_frames, video_frames
    from synthem.figures.video import write_video
    from synthem.storage.arrays import read_array
    from synthem.storage.naming import labels_text, run_of
    from synthem.storage.volumes import read_volume

    structure, settings = snakemake.params.structure, snakemake.params.video
    volume = read_volume(snakemake.input.volume, block="test", masks=[structure])
    shown = shown_frames(len(volume.image))
    labels = read_array(snakemake.input.segmentation, "labels", block=[(z, z + 1) for z in shown])
    run = run_of(snakemake.input.segmentation)
    title = f"{run.name}, {labels_text(run.budget)}, replicate {run.replicate}"
    frames = video_frames(
        volume, labels, shown, structure=structure, title=title, panel_px=settings["panel_px"]
    )
    rate = settings["frames_per_second"]
    write_video(snakemake.output.video, frames, palette(), frames_per_second=rate)

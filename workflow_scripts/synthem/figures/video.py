"""Frames -> a video file: an animated PNG, which every browser shows, or MP4 where ffmpeg is installed."""

import io
import os
import shutil
import subprocess
from pathlib import Path

from PIL import Image

from synthem.errors import SynthemError
from synthem.storage.files import OF_THE_DISK, write_bytes, writing

# Without the date, the version of the program, or a sum that depends on the number of threads.
SAME_BYTES = ("-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1")


def write_video(path, frames, palette, *, frames_per_second):
    """Write `frames` uint8 [H, W], numbers of colours in `palette` uint8 [256, 3], as .png or .mp4."""
    WRITERS[Path(path).suffix](path, frames, palette, frames_per_second)


def write_png(path, frames, palette, frames_per_second):
    pictures = []
    for frame in frames:
        pictures.append(Image.fromarray(frame))
        pictures[-1].putpalette(palette.tobytes())
    buffer = io.BytesIO()
    first, rest = pictures[0], pictures[1:]
    first.save(
        buffer, "PNG", save_all=True, append_images=rest, duration=1000 / frames_per_second, loop=0, bits=8
    )
    write_bytes(path, buffer.getvalue())


def write_mp4(path, frames, palette, frames_per_second):
    program = shutil.which("ffmpeg")
    if program is None:
        raise _no_mp4("`mp4`, but no program ffmpeg was found", "ffmpeg on the PATH")
    frames = list(frames)
    height, width = frames[0].shape
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(frames_per_second))
    target = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20", "-movflags", "+faststart", "-f", "mp4")
    with writing(path) as temporary:
        command = [program, "-loglevel", "error", "-y", *source, "-i", "-", *target, *SAME_BYTES]
        pixels = b"".join(palette[frame].tobytes() for frame in frames)
        done = subprocess.run([*command, f"file:{temporary}"], input=pixels, capture_output=True)
        if done.returncode:
            refuse_full_disk(done.stderr)
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
            raise _no_mp4(f"`mp4`, but ffmpeg failed: {lines[-1]}", "an ffmpeg that writes H.264 (libx264)")


def refuse_full_disk(stderr):
    """An error where ffmpeg could not write: it has no code for that, only the system's message."""
    for number in filter(None, OF_THE_DISK):
        if os.strerror(number).encode() in stderr:
            raise OSError(number, os.strerror(number))


def _no_mp4(found, expected):
    fix = "install it, or set video.format to png"
    return SynthemError("CONFIG_VALUE", "video.format", found, expected=expected, fix=fix)


WRITERS = {".png": write_png, ".mp4": write_mp4}

"""Work in several threads, for what releases Python's lock: compiled kernels, numpy, files."""

from concurrent.futures import ThreadPoolExecutor


def each_slice(work, count, threads):
    """[work(0), .. work(count - 1)], by so many threads; the first error of any slice is raised here."""
    if threads == 1 or count == 1:
        return [work(z) for z in range(count)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(count)))


def each_stretch(work, count, threads):
    """[work(first, end), ..] of stretches that cover range(count), in order; four for each thread."""
    many = 1 if threads == 1 else 4 * threads
    ends = [part * count // many for part in range(many + 1)]
    return each_slice(lambda part: work(ends[part], ends[part + 1]), many, threads)

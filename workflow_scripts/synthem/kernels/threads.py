"""Work on slices in several threads, for what releases Python's lock: compiled kernels, numpy, files."""

from concurrent.futures import ThreadPoolExecutor


def each_slice(work, count, threads):
    """[work(0), .. work(count - 1)], by so many threads; the first error of any slice is raised here."""
    if threads == 1 or count == 1:
        return [work(z) for z in range(count)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(count)))

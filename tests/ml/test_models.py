"""Models are loaded once, however many threads ask for whichever first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

from numpy.typing import NDArray

from bot.config import Settings
from ml.artifacts import Artifacts
from ml.models import Models


def test_two_threads_that_need_each_others_models_both_get_them() -> None:
    models = Models(Settings().artifacts_dir)
    inside, asked = Event(), Event()

    class Slow(Artifacts):
        """Holds `hybrid` back inside its own loading until the other thread has asked for `artists`."""

        def arrays(self, name: str) -> dict[str, NDArray]:
            if name == "catalog.npz":
                inside.set()
                asked.wait(1)
            return super().arrays(name)

    models.__dict__["artifacts"] = Slow(models.artifacts.folder, models.artifacts.manifest)
    first = Thread(target=lambda: models.hybrid, daemon=True)
    second = Thread(target=lambda: (inside.wait(30), asked.set(), models.artists), daemon=True)
    for thread in (first, second):
        thread.start()
    for thread in (first, second):
        thread.join(30)
    assert {"hybrid", "artists"} <= set(vars(models)), "each waits for what the other holds"
    assert models.hybrid.artists is models.artists


def test_what_many_threads_ask_for_at_once_is_loaded_once(models: Models) -> None:
    fresh = Models(models.folder)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fresh.catalog, range(4)))
    assert all(one is found[0] for one in found)

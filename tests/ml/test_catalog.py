"""The catalogue finds what people type and offers what they may have meant."""

import numpy as np
import pytest

from ml.models import Models


@pytest.mark.parametrize(
    ("typed", "title", "artist"),
    [
        ("enter sandman", "Enter Sandman", "Metallica"),
        ("Metallica - Enter Sandman", "Enter Sandman", "Metallica"),
        ("hello by adele", "Hello", "Adele"),
        ("Adele hello", "Hello", "Adele"),
        ("Stand By Me by Ben E. King", "Stand by Me", "Ben E. King"),
        ("love me do beatles", "Love Me Do - Remastered 2009", "The Beatles"),
        ("NEW GENESIS", "New Genesis", None),
    ],
)
def test_titles_and_artists_in_any_order_resolve(models: Models, typed: str, title: str, artist: str | None) -> None:
    track = models.catalog.resolve(typed)
    assert track is not None
    assert track.title.casefold().startswith(title.casefold())
    assert artist is None or track.artist.startswith(artist)


def test_ids_uris_and_links_resolve(models: Models) -> None:
    track = models.catalog.track(1234)
    for text in (track.id, f"spotify:track:{track.id}", f"{track.url}?si=1"):
        found = models.catalog.resolve(text)
        assert found is not None
        assert found.row == 1234
    assert models.catalog.find_id("0" * 22) is None


def test_every_name_offered_while_typing_resolves_to_its_track(models: Models) -> None:
    for typed in ("love", "a", "the best of", "テ", "$"):
        for track in models.catalog.search(typed, limit=10):
            found = models.catalog.resolve(track.name)
            assert found is not None
            assert found.name == track.name


def test_the_popular_meaning_comes_first(models: Models) -> None:
    found = models.catalog.search("hello", limit=5)
    assert found[0].artist == "Adele"
    exact = [t for t in found if t.title.casefold() == "hello"]
    assert [t.popularity for t in exact] == sorted((t.popularity or 0 for t in exact), reverse=True)


@pytest.mark.parametrize("typed", ["dont stop me now", "don't stop me now", "dont stop me now queen", "dont stop me n"])
def test_apostrophes_are_not_needed(models: Models, typed: str) -> None:
    assert models.catalog.search(typed, limit=1)[0].name.startswith("Don't Stop Me Now")


def test_unfinished_words_are_completed(models: Models) -> None:
    assert any("Bohemian Rhapsody" in t.title for t in models.catalog.search("bohemian rhap", 5))


def test_misspellings_get_up_to_five_suggestions(models: Models) -> None:
    near = models.catalog.similar_names("bohemain rapsody")
    assert 1 <= len(near) <= 5
    assert any("Bohemian Rhapsody" in t.title for t in near)


@pytest.mark.parametrize(
    "text", ["", " ", "zzqqxxjj", "'; DROP TABLE tracks; --", "<script>alert(1)</script>", "x" * 5000, "🎵"]
)
def test_nonsense_is_not_found_and_breaks_nothing(models: Models, text: str) -> None:
    assert models.catalog.resolve(text) is None
    models.catalog.search(text)
    models.catalog.similar_names(text)


def test_artists_are_found_by_name(models: Models) -> None:
    catalog = models.catalog
    code = catalog.find_artist("the beatles")
    assert code is not None
    rows = catalog.by_artist(code)
    assert all("Beatles" in catalog.track(row).artist for row in rows[:20])
    assert list(rows) == sorted(rows)
    assert catalog.find_artist("Nobody Of This Name At All") is None


def test_genres_of_rows_and_rows_of_genres_agree(models: Models) -> None:
    catalog = models.catalog
    mask = catalog.in_genre(["techno", "trance"])
    for row in mask.nonzero()[0][:50]:
        assert {"techno", "trance"} & set(catalog.track(row).genres)
    assert int(mask.sum()) == sum(
        bool({"techno", "trance"} & set(catalog.track(r).genres)) for r in range(len(catalog))
    )


def test_every_edition_of_a_recording_is_found(models: Models) -> None:
    catalog = models.catalog
    assert len(catalog.other_ids) > 10_000
    for at in (0, len(catalog.other_ids) // 2, len(catalog.other_ids) - 1):
        found = catalog.find_id(f"spotify:track:{catalog.other_ids[at].decode()}")
        assert found is not None
        assert found.row == catalog.other_ids_row[at]
    assert not np.isin(catalog.other_ids, catalog.ids).any()

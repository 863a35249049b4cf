"""Moods rank tracks as people would, percentiles mean what they say, and everyday words find their mood."""

from pathlib import Path

import numpy as np
import pytest

from ml.catalog import Track
from ml.evaluation.moods import evaluate_moods
from ml.features import COLUMN, NAMES
from ml.models import Models
from ml.mood_table import MOODS
from ml.mood_training import pack
from ml.mood_words import WORDS, Meaning, nearest
from ml.moods import MoodScorer, MoodWeights, by_hand
from ml.sources import Sources, load

# what a listener expects: the moods a song is clearly in, and those it clearly is not
KNOWN = {
    "Thunderstruck by AC/DC": ("energetic workout angry", "calm focus romantic sleep chill"),
    "American Idiot by Green Day": ("energetic angry workout", "sad calm sleep chill romantic focus"),
    "Duality by Slipknot": ("angry energetic", "happy calm chill focus romantic sleep"),
    "Chop Suey! by System Of A Down": ("angry energetic", "happy calm chill focus romantic sleep"),
    "Enter Sandman by Metallica": ("angry energetic", "focus calm chill sleep romantic sad"),
    "Smells Like Teen Spirit by Nirvana": ("angry energetic", "calm chill focus romantic sleep"),
    "Till I Collapse by Eminem": ("workout energetic angry", "calm chill focus romantic sleep happy"),
    "Sandstorm by Darude": ("energetic workout", "sad romantic"),
    "I Gotta Feeling by Black Eyed Peas": ("party dance happy workout", "sad calm chill focus sleep"),
    "One Kiss by Calvin Harris": ("dance party", "sad calm chill focus sleep romantic"),
    "Super Freak by Rick James": ("dance happy party", "sad calm chill focus sleep angry"),
    "Stayin Alive by Bee Gees": ("dance happy party", "sad romantic angry"),
    "September by Earth, Wind & Fire": ("happy dance party", "sad calm sleep angry"),
    "Happy by Pharrell Williams": ("happy party", "sad calm focus sleep"),
    "Never Gonna Give You Up by Rick Astley": ("happy dance party", "sad calm chill focus sleep"),
    "Walking On Sunshine by Katrina": ("happy", "sad romantic"),
    "Someone Like You by Adele": ("sad romantic", "happy party dance workout energetic angry"),
    "Hurt by Johnny Cash": ("sad", "happy party dance workout energetic angry"),
    "drivers license by Olivia Rodrigo": ("sad", "happy party dance focus angry"),
    "Hallelujah by Jeff Buckley": ("sad calm", "happy party dance workout energetic angry"),
    "All of Me by John Legend": ("romantic", "party dance workout energetic angry happy"),
    "At Last by Etta James": ("romantic", "party dance workout energetic happy angry"),
    "Best Part by Daniel Caesar": ("romantic chill", "party dance workout energetic angry"),
    "The Girl From Ipanema by Stan Getz": ("chill romantic calm", "party workout energetic angry dance"),
    "Teardrop by Massive Attack": ("chill", "happy party workout romantic"),
    "Clair de lune by Claude Debussy": ("calm focus sleep", "happy party dance workout energetic angry"),
    "Experience by Ludovico Einaudi": ("calm focus sleep", "happy party dance workout energetic"),
    "Weightless by Marconi Union": ("calm focus sleep", "happy party dance workout energetic romantic"),
    "Clean White Noise by White Noise Baby Sleep": ("sleep", "romantic happy party dance workout energetic"),
}  # fmt: skip
MEANT = {
    "chill": "chill", "hype": "energetic", "study": "focus", "Studying!": "focus", "pumped up": "energetic",
    "heartbreak": "sad", "gym": "workout", "work-out": "workout", "bedtime": "sleep", "can't fall asleep": "sleep",
    "chill focus": "chill focus", "focus, chill": "focus chill", "road trip": "energetic happy",
    "late night coding": "chill focus", "cooking dinner": "happy chill romantic", "summer bbq": "happy party",
    "wedding": "happy romantic", "rainy day": "sad chill", "energtic": "energetic", "RELAXED": "chill",
    "romance": "romantic", "romanitc": "romantic", "happiness": "happy", "hapy": "happy", "slep": "sleep",
    "concentraton": "focus", "café": "chill", "no lyrics": "focus", "not sad": "happy", "😴": "sleep", "💪": "workout",
    "😢": "sad", "❤️": "romantic",
}  # fmt: skip


def known(models: Models, name: str) -> Track:
    track = models.catalog.resolve(name)
    assert track is not None
    return track


@pytest.fixture(scope="module")
def moods(models: Models) -> MoodScorer:
    return models.moods


@pytest.fixture(scope="module")
def sound(models: Models) -> MoodScorer:
    return MoodScorer(models.catalog.features, MoodWeights(models.moods.weights.sound))


@pytest.fixture(scope="module")
def sources(data: Path) -> Sources:
    return load(data)


def test_ranks_are_mid_ranks_and_unknown_values_lie_in_the_middle() -> None:
    features = np.tile(np.arange(1000, dtype=np.float32)[:, None] / 999, (1, len(NAMES)))
    features[0] = np.nan
    moods = MoodScorer(features)
    assert moods.rank("energy", np.array([0.5, -1, 2, np.nan])) == pytest.approx([0.5, 0, 1, 0.5], abs=0.002)
    assert moods.ranks["valence"][0] == 0.5


class TestMoods:
    @pytest.mark.parametrize("mood", [*MOODS, ("chill", "focus")])
    def test_a_percentile_spreads_over_the_whole_catalogue(self, moods: MoodScorer, mood: str) -> None:
        percentile = moods.percentile(mood)
        assert percentile.min() == 0
        assert percentile.max() == 1
        assert np.median(percentile) == pytest.approx(0.5, abs=1e-4)

    @pytest.mark.parametrize("song", KNOWN)
    def test_a_well_known_song_lands_where_a_listener_expects(
        self, models: Models, moods: MoodScorer, song: str
    ) -> None:
        row = known(models, song).row
        within, without = (wanted.split() for wanted in KNOWN[song])
        assert {mood: p for mood in within if (p := moods.percentile(mood)[row]) < 0.75} == {}
        assert {mood: p for mood in without if (p := moods.percentile(mood)[row]) > 0.5} == {}

    def test_a_quiet_master_of_a_rock_anthem_is_not_offered_to_chill_or_sleep(
        self, models: Models, moods: MoodScorer
    ) -> None:
        row = known(models, "Eye of the Tiger by Survivor").row
        assert all(moods.percentile(mood)[row] < 0.8 for mood in ("chill", "calm", "sleep", "romantic", "focus"))

    @pytest.mark.parametrize("mood", MOODS)
    def test_comedy_and_songs_for_children_are_not_offered_for_moods_of_adults(
        self, models: Models, moods: MoodScorer, mood: str
    ) -> None:
        in_depth = moods.percentile(mood) >= 0.9
        assert in_depth[models.catalog.in_genre(("comedy",))].mean() < 0.02
        if mood not in ("happy", "sleep"):
            assert in_depth[models.catalog.in_genre(("children", "kids"))].mean() < 0.02

    def test_a_genre_speaks_for_the_artist_s_other_tracks_too(
        self, models: Models, moods: MoodScorer, sound: MoodScorer
    ) -> None:
        catalog = models.catalog
        tagged = np.diff(catalog.genre_start) > 0
        of_soul = ~tagged & np.isin(catalog.artist, catalog.artist[catalog.in_genre(("soul",))])
        of_nobody = ~np.isin(catalog.artist, catalog.artist[tagged])
        gain = moods.percentile("romantic") - sound.percentile("romantic")
        assert of_soul.sum() > 50
        assert gain[of_soul].mean() > gain[of_nobody].mean() + 0.1

    @pytest.mark.parametrize("mood", ["calm", "focus"])
    def test_noise_to_sleep_by_is_not_offered_as_music(self, models: Models, moods: MoodScorer, mood: str) -> None:
        for name in ("Clean White Noise by White Noise Baby Sleep", "Deep Sleep Recovery Noise by Water Sound"):
            assert moods.percentile(mood)[known(models, name).row] < 0.9
            assert moods.percentile("sleep")[known(models, name).row] > 0.95

    def test_a_club_hit_is_not_offered_to_the_angry(self, models: Models, moods: MoodScorer) -> None:
        assert moods.percentile("angry")[known(models, "I'm Good (Blue) by David Guetta").row] < 0.9

    @pytest.mark.parametrize("mood", MOODS)
    def test_every_genre_a_mood_names_is_one(self, models: Models, mood: str) -> None:
        fits, jars = MOODS[mood].fits.split(), MOODS[mood].jars.split()
        assert set(fits) | set(jars) <= set(models.catalog.genres)
        assert not set(fits) & set(jars)


class TestBlends:
    def test_a_blend_is_deep_in_every_one_of_its_moods(self, moods: MoodScorer) -> None:
        best = moods.percentile(("happy", "workout")) > 0.99
        assert moods.percentile("happy")[best].min() > 0.7
        assert moods.percentile("workout")[best].min() > 0.7

    def test_the_order_does_not_matter_and_one_mood_is_itself(self, moods: MoodScorer) -> None:
        assert np.array_equal(moods.percentile(("sad", "calm")), moods.percentile(("calm", "sad")))
        assert np.array_equal(moods.percentile(("sad",)), moods.percentile("sad"))

    def test_more_blends_than_are_kept_do_not_change_an_answer(self, models: Models) -> None:
        moods = MoodScorer(models.catalog.features[:2000])
        before = moods.percentile("sad").copy()
        for a in MOODS:
            for b in MOODS:
                moods.percentile((a, b))
        assert np.array_equal(moods.percentile("sad"), before)


class TestWeights:
    @pytest.mark.parametrize(
        ("mood", "feature", "rises"),
        [
            ("energetic", "energy", True),
            ("workout", "energy", True),
            ("angry", "energy", True),
            ("calm", "energy", False),
            ("sleep", "energy", False),
            ("chill", "energy", False),
            ("sleep", "loudness", False),
            ("happy", "valence", True),
            ("sad", "valence", False),
            ("angry", "valence", False),
            ("dance", "danceability", True),
            ("party", "danceability", True),
            ("focus", "instrumentalness", True),
            ("focus", "speechiness", False),
            ("romantic", "acousticness", True),
        ],
    )
    def test_more_of_a_feature_moves_every_track_the_same_way(
        self, moods: MoodScorer, mood: str, feature: str, rises: bool
    ) -> None:
        pull = moods.weights.sound[list(MOODS).index(mood), COLUMN[feature]] * (1 if rises else -1)
        assert pull.min() >= 0
        assert pull.max() > 0


class TestWords:
    @pytest.mark.parametrize("text", MEANT)
    def test_everyday_words_mean_moods(self, text: str) -> None:
        meaning = nearest(text)
        assert meaning is not None
        assert meaning.moods == tuple(MEANT[text].split())

    @pytest.mark.parametrize("text", ["", "   ", "xyzzy", "asdf", "qwertyuiop", "the and of", "!!!", "Metallica", "42"])
    def test_nonsense_means_nothing(self, text: str) -> None:
        assert nearest(text) is None

    def test_only_a_mood_s_own_name_is_exact(self) -> None:
        assert nearest("Angry!!!") == Meaning(("angry",), exact=True)
        assert nearest("chill focus music") == Meaning(("chill", "focus"), exact=True)
        assert nearest("furious") == Meaning(("angry",), exact=False)
        assert nearest("happy gym") == Meaning(("happy", "workout"), exact=False)

    def test_a_long_text_blends_at_most_three_moods_the_most_mentioned_first(self) -> None:
        meaning = nearest("gym beach wedding funeral studying, then running and lifting")
        assert meaning is not None
        assert len(meaning.moods) == 3
        assert meaning.moods[0] == "workout"

    @pytest.mark.parametrize("mood", MOODS)
    def test_every_mood_has_words_and_every_single_word_finds_it(self, mood: str) -> None:
        words = [" ".join(word.split()) for word in WORDS[mood].split(",")]
        assert len(words) >= 20
        missed = [word for word in words if (found := nearest(word)) is None or mood not in found.moods]
        assert missed == []


class TestLearning:
    def test_training_again_learns_what_is_shipped(self, models: Models, sources: Sources) -> None:
        again = MoodWeights(**pack(sources, models.catalog))
        shipped = models.moods.weights
        assert again.words is not None
        assert shipped.words is not None
        # Another machine adds up in another order.
        assert np.abs(again.words.astype(int) - shipped.words).max() <= 1
        assert again.sound == pytest.approx(shipped.sound, abs=0.01)

    @pytest.mark.parametrize("mood", MOODS)
    def test_no_effect_turns_against_what_was_set_by_hand(self, models: Models, mood: str) -> None:
        at = list(MOODS).index(mood)
        hand, learnt = by_hand()[at], models.moods.weights.sound[at]
        rises, falls = hand.min(axis=1) >= 0, hand.max(axis=1) <= 0
        assert (learnt[rises] >= 0).all()
        assert (learnt[falls] <= 0).all()
        assert not learnt[~hand.any(axis=1)].any()
        assert not np.allclose(learnt, hand, atol=0.05)

    def test_what_it_learnt_from_artists_holds_for_other_artists_and_what_it_never_saw_is_told_apart(
        self, models: Models, sources: Sources, data: Path
    ) -> None:
        scores = evaluate_moods(sources, data, models.catalog, models.moods.weights, draws=20)
        splits = {word: {s.metric: s for s in scores if word in s.split} for word in ("tags", "playlists", "albums")}
        tags, albums = splits["tags"], splits["albums"]
        assert all({f"mood AUC {mood}" for mood in MOODS} < set(found) for found in (tags, albums))
        assert tags["mood AUC, mean"].value > 0.86
        assert tags["mood AUC, lowest"].value > 0.78
        assert tags["mood AUC, sound alone, mean"].value > 0.8
        assert albums["mood AUC, mean"].value > 0.68
        assert splits["playlists"]["mood AUC, mean"].value > 0.67
        assert all(s.low < s.high for s in scores if s.low is not None and s.high is not None)

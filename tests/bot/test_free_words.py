"""What people type without looking at the options: a genre, a time or a length among the words of a mood."""

from typing import Any

import pytest

from bot.commands.free_words import understood
from bot.commands.lookup import genre_name
from bot.core import UserError
from bot.parse import parse_line
from bot.services import Services
from ml.models import Models
from tests.conftest import Ask


@pytest.mark.parametrize(
    ("text", "genre"),
    [
        ("hiphop", "hip-hop"),
        ("R&B", "r-n-b"),
        ("rnb", "r-n-b"),
        ("SynthPop", "synth-pop"),
        ("drum & bass", "drum-and-bass"),
        ("dnb", "drum-and-bass"),
        ("rock'n'roll", "rock-n-roll"),
        ("rock and punk", "rock & punk"),
        ("classical", "classical"),
        ("n", None),
        ("", None),
    ],
)
def test_a_genre_is_known_however_it_is_spelt(text: str, genre: str | None) -> None:
    assert genre_name(text) == genre


@pytest.mark.parametrize(
    ("mood", "read"),
    [
        ("happy 90s rock", {"mood": "happy", "year": (1990, 1999), "genre": "rock"}),
        ("rock", {"genre": "rock"}),
        ("jazz or blues", {"genre": "jazz; blues"}),
        ("hip-hop/rap", {"genre": "hip-hop"}),
        ("sad, chill", {"mood": "sad, chill"}),
        ("some 80s music", {"year": (1980, 1989)}),
        ("sad songs from the nineties", {"mood": "sad", "year": (1990, 1999)}),
        ("1985-1995", {"year": (1985, 1995)}),
        ("heavy metal workout", {"mood": "workout", "genre": "heavy-metal"}),
        ("house party", {"mood": "house party"}),
        ("sleep", {"mood": "sleep"}),
        ("Daft Punk", {"mood": "Daft Punk"}),
        ("parties", {"mood": "parties"}),
        ("some music", {}),
        ("chill like Daft Punk", {"mood": "chill", "like": "Daft Punk"}),
        ("90s songs by Queen and ABBA", {"like": "Queen; ABBA", "year": (1990, 1999)}),
        ("Happy by Pharrell Williams", {"like": "Happy by Pharrell Williams"}),
        ("chill by the pool", {"mood": "chill by the pool"}),
        ("feel like crying", {"mood": "feel like crying"}),
        ("I feel like dancing", {"mood": "I feel like dancing"}),
        ("by the fire", {"mood": "by the fire"}),
    ],
)
def test_what_stands_among_the_words_of_a_mood_finds_its_place(models: Models, mood: str, read: dict[str, Any]) -> None:
    options, said = understood({"mood": mood}, "mood", Services(models, {}))
    assert options == read
    assert bool(said) == (read not in ({}, {"mood": mood}))


def test_what_is_given_by_name_is_not_read_from_the_words(models: Models) -> None:
    assert understood({"mood": "happy rock", "genre": "jazz"}, "mood", Services(models, {}))[0]["genre"] == "jazz"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/recommend happy 90s rock", "10 happy tracks tagged rock from the 1990s."),
        ("/recommend genre:hip hop", "10 tracks tagged hip-hop."),
        ("/recommend genre:drum and bass happy", "10 happy tracks tagged drum-and-bass."),
        ("/recommend genre:jazz year:the 80s", "tagged jazz from the 1980s."),
        ('/recommend artist:"Daft Punk"', "10 tracks like Daft Punk."),
        ("/recommend like:Daft Punk", "10 tracks like Daft Punk."),
        ("/recommend happy like:Rage Against the Machine", "10 happy tracks like Rage Against the Machine."),
        ("/recommend like:The Rolling Stones genre:rock", "10 tracks like The Rolling Stones tagged rock."),
        ("/recommend like:Queen; Daft Punk genre:rock", "10 tracks like Queen and Daft Punk tagged rock."),
        ("/recommend like:Dont Speak", "10 tracks like Don't Speak by No Doubt."),
        ("/recommend genre:jazz; blues", "10 tracks tagged jazz or blues."),
        ("/recommend songs like radiohead", "10 tracks like Radiohead."),
        ('/recommend song:"Take On Me" artist:"Daft Punk"', "10 tracks like Take on Me by a-ha and Daft Punk."),
        ("/recommend Rage Against the Machine", 'meant the name: like:"Rage Against the Machine".'),
        ("/recommend Blues Traveler", 'meant the name: like:"Blues Traveler".'),
        ("/playlist Party Rock Anthem", 'meant the name: like:"Party Rock Anthem".'),
        ("/recommend white noise", "I read “white noise” as sleep."),
        ('/compare "Blinding Lights" genre:hip hop', "Blinding Lights by The Weeknd is"),
        ("/hitscore Blinding Lights genre:drum and bass", "Blinding Lights by The Weeknd sounds"),
        ("/playlist like:Daft Punk", "minutes like Daft Punk: "),
        ('/playlist genre:"rap; jazz"', "minutes of hip-hop and jazz: "),
        ("/trend tempo vs:hip hop", "all tracks and hip-hop"),
        ("/recommend energy:> 0.8 tempo:120-130bpm", "energy from 0.80 and tempo 120 BPM to 130 BPM"),
        ("/recommend duration:3:00-4:00", "duration 3:00 to 4:00"),
        ("/trend synth-pop", "Synth-pop of the 2020s"),
        ("/trend genre:rock & punk energy", "Energy of rock & punk rose"),
        ("/trend techno tempo", "Tempo of techno"),
        ("/trend energy since the 80s", "1980"),
        ("/trend energy post-2020", "in 2020, "),
        ("/trend duration by month", "by release month"),
        ("/trend bpm", "Tempo rose"),
        ("/trend metal 1990s energy", "Energy of metal"),
        ("/trend tempo genre:metal horizon:3", "No forecast: it needs tracks enough in each of the latest years."),
        ("/trend energy by:decade horizon:5", "A forecast is by year: leave by: out."),
        ("/recommend gems", "10 hidden gems"),
        ("/recommend happy hidden gems", "10 happy hidden gems"),
        ("/recommend some music", "10 tracks to begin with."),
        ('/recommend genre:"rock; jazz"', "10 tracks tagged rock or jazz."),
        ("/cluster fast & intense", "“fast & intense” is faster"),
        ("/blend pop edm", "pop and edm share"),
        ("/blend hip hop vs r&b", "hip-hop and r-n-b share"),
        ("/explain hiphop", "say most about hip-hop"),
        ("/genre tempo:124 BPM time_signature:4/4", "sounds like"),
    ],
)
async def test_what_people_type_is_understood(ask: Ask, line: str, said: str) -> None:
    reply = await ask(line)
    assert not reply.error
    assert said in reply.text


@pytest.mark.parametrize(
    ("line", "minutes"), [("/playlist focus for 20 minutes", 20), ("/playlist focus minutes:1h30", 90)]
)
async def test_a_playlist_is_as_long_as_was_said(ask: Ask, line: str, minutes: int) -> None:
    reply = await ask(line)
    assert int(reply.text.split()[0]) == pytest.approx(minutes, abs=3)


async def test_longer_than_a_length_among_the_words_is_longer(ask: Ask) -> None:
    reply = await ask("/playlist chill jazz 30 minutes")
    longer = next(step for step in reply.next if step.label == "Longer")
    assert int((await ask(longer.line)).text.split()[0]) > int(reply.text.split()[0])


@pytest.mark.parametrize("mood", ["white noise", "happy 90s rock", "deep house", "sad", "late night drive"])
async def test_words_that_moods_and_genres_explain_are_no_names(ask: Ask, mood: str) -> None:
    assert "meant the name" not in (await ask(f"/recommend {mood}")).text


async def test_the_next_page_of_free_words_repeats_nothing(tell: Ask) -> None:
    first = await tell("/recommend happy 90s rock")
    more = next(step for step in first.next if step.label == "More")
    second = await tell(more.line)
    assert not {field.url for field in first.fields} & {field.url for field in second.fields}


async def test_another_playlist_is_offered_only_where_tracks_are_left(ask: Ask) -> None:
    reply = await ask("/playlist workout genre:rock year:1980s")
    for step in reply.next:
        assert not (await ask(step.line)).error, step


async def test_one_year_without_tracks_is_left_out_by_itself(ask: Ask) -> None:
    assert "No track passes year:, so I left it out." in (await ask("/recommend year:2030")).text


async def test_noise_has_no_beat(ask: Ask) -> None:
    reply = await ask("/recommend genre:sleep mood:sleep count:20")
    assert any("no beat" in field.value for field in reply.fields)
    assert not any(" 0 BPM" in field.value for field in reply.fields)


def test_a_value_may_begin_with_a_sign_or_an_article() -> None:
    assert parse_line("/recommend energy:> 0.8 like:The Beatles")[1] == {"energy": "> 0.8", "like": "The Beatles"}
    assert parse_line("/recommend like:The")[1] == {"like": "The"}
    assert parse_line("/recommend like:The genre:rock")[1] == {"like": "The", "genre": "rock"}
    assert parse_line("/recommend like:The Beatles; Queen")[1] == {"like": "The Beatles; Queen"}
    for line in ("/recommend like:", "/recommend like: genre:rock"):
        with pytest.raises(UserError, match="has no value"):
            parse_line(line)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acdc", "AC/DC"),
        ("Metalica", "Metallica"),
        ("led zepplin", "Led Zeppelin"),
        ("simon and garfunkel", "Simon & Garfunkel"),
        ("daft pnuk; bjork", "Daft Punk and Björk"),
        ("taylor swfit", "Taylor Swift"),
        ("mozart", "Wolfgang Amadeus Mozart"),
        ("rolling stones", "The Rolling Stones"),
        ("toxic", "Toxic by Britney Spears"),
        ("Halo", "Halo by Beyoncé"),
        ("Im On Fire", "I'm On Fire by Bruce Springsteen"),
    ],
)
async def test_an_artist_is_known_a_slip_away_and_a_title_stays_a_title(ask: Ask, typed: str, meant: str) -> None:
    assert (await ask(f'/recommend like:"{typed}" count:2')).text.startswith(f"2 tracks like {meant}.")

"""A mistake in one option is answered with the same line, that option put right."""

import pytest

from bot.core import File
from bot.lines import line
from tests.conftest import Ask


@pytest.mark.parametrize(
    ("line", "works"),
    [
        ('/recommend genre:technoo like:"Daft Punk"', '/recommend like:"Daft Punk" genre:techno'),
        ("/recommend genre:jazz year:1995-1985 count:5", "/recommend genre:jazz year:1985-1995 count:5"),
        ("/recommend happy count:25 genre:rock", "/recommend mood:happy genre:rock count:20"),
        ("/recommend energy:>80% genre:rock", "/recommend genre:rock energy:>0.8"),
        ("/recommend energy:high genre:rock", "/recommend genre:rock energy:>0.8"),
        ("/recommend happy count:ten", "/recommend mood:happy count:10"),
        ("/trend energy year:1990s", "/trend feature:energy from:1990"),
        ("/recommend year:soon", "/recommend year:1990s"),
        ("/recommend Daft Punk", '/recommend like:"Daft Punk"'),
        ("/recommend songs like radiohaed", "/recommend like:Radiohead"),
        ("/recommend Classic Rock of the 70s", "/recommend genre:rock year:1970s"),
        ("/recommend hits of the 80s", "/recommend year:1980s"),
        ("/playlist 90s", "/playlist activity:focus year:1990s"),
        ("/trend dance", "/trend feature:danceability"),
        ("/recommend radiohead and coldplay", '/recommend like:"Radiohead; Coldplay"'),
        ("/recommend german hip hop", "/recommend genre:hip-hop"),
        ("/playlist sleep minutes:600", "/playlist activity:sleep minutes:240"),
        ("/trend energy horizon:500 genre:rock", "/trend feature:energy genre:rock horizon:10"),
        ("/trend energy from:2010 to:1990", "/trend feature:energy from:1990 to:2010"),
        ("/trend energy from:2030", "/trend feature:energy"),
        ("/trend energy to:1950", "/trend feature:energy"),
        ("/trend energy from:1990s", "/trend feature:energy from:1990"),
        ("/trend energy by:week genre:rock", "/trend feature:energy genre:rock by:year"),
        ("/trend energy vs:hitz", "/trend feature:energy vs:hits"),
        ("/trend energy genre:pop vs:hits", '/trend feature:energy genre:"pop (western)" vs:hits'),
        ("/trend key", "/trend feature:energy"),
        ("/trend enrgy genre:rock", "/trend feature:energy genre:rock"),
        ("/blend pop b:xyz", "/blend a:pop b:rock"),
        ("/compare a:Blinding Lights b:Take On Me", "/help compare"),
        ("/blend a:hip hop b:pop", '/blend a:"hip hop" b:pop'),
        ('/explain "rock & punk"', "/explain alt-rock"),
        ("/genre duration_ms:180 energy:0.5", "/genre energy:0.5 duration_ms:180000"),
        ('/genre key:"C# minor" energy:0.5', "/genre energy:0.5 key:C# mode:minor"),
        ("/genre key:Am", "/genre key:A mode:minor"),
        ("/genre mode:dur", "/genre mode:minor"),
        ('/whatif "Blinding Lights" vary:enrgy', '/whatif track:"Blinding Lights" vary:energy'),
        ("/whatif vary:energy", '/whatif track:"Enter Sandman" vary:energy'),
        ('/hitscore "Blinding Lights" genre:technoo', '/hitscore track:"Blinding Lights" genre:techno'),
        ('/hitscore "Blinding Lights" year:80s', '/hitscore track:"Blinding Lights" year:1980'),
        ("/track re:stacks", '/track "re: stacks"'),
        ("/profile delete", "/profile action:forget"),
    ],
)
async def test_every_line_offered_works_and_keeps_the_rest(ask: Ask, line: str, works: str) -> None:
    reply = await ask(line)
    assert reply.error
    lines = [step.line for step in reply.next]
    assert works in lines
    for offered in lines:
        assert not (await ask(offered)).error, offered


async def test_a_wider_genre_is_offered_only_where_it_can_be_drawn(ask: Ask) -> None:
    for asked in ("/trend explicit genre:comedy", "/trend energy genre:iranian", "/trend energy genre:iranian vs:hits"):
        reply = await ask(asked)
        assert reply.error
        assert reply.next
        for step in reply.next:
            assert not (await ask(step.line)).error, step.line


async def test_a_trend_against_itself_is_no_comparison(ask: Ask) -> None:
    assert "names pop again" in (await ask("/trend energy genre:pop vs:pop")).text


async def test_2020_is_asked_of_the_whole_history_whichever_years_are_shown(ask: Ask) -> None:
    def answer(text: str) -> str:
        return text[text.index("No break at 2020") :].split(".\n")[0]

    assert answer((await ask("/trend energy from:2020")).text) == answer((await ask("/trend energy")).text)


async def test_an_option_that_a_file_does_not_use_is_named(ask: Ask) -> None:
    reply = await ask("/hitscore year:1985", File("demos.csv", b"energy,tempo\n0.8,124\n"))
    assert ("Not used", "year: a file says it in a column of its own") in [(f.name, f.value) for f in reply.fields]


def test_years_and_long_numbers_are_written_as_people_write_them() -> None:
    spans = {(1980, 1989): "1980s", (2030, 2030): "2030", (2010, 2100): ">2010", (1985, 1995): "1985-1995"}
    for span, text in spans.items():
        assert line("recommend", {"year": span}) == f"/recommend year:{text}"
    assert line("recommend", {"duration_ms": (600_000.0, 6_000_000.0)}) == "/recommend duration_ms:600000..6000000"
    assert line("hitscore", {"duration_ms": 1_234_567.0}) == "/hitscore duration_ms:1234567"


async def test_a_csv_may_name_its_keys_and_write_lengths_as_clocks_do(ask: Ask) -> None:
    rows = b"title,energy,key,duration_ms\nA,0.8,C#,3:30\nB,0.5,Bb,200000\nC,0.5,1,200\n"
    reply = await ask("/genre", File("demos.csv", rows))
    assert reply.text.startswith("2 demos scored")
    left_out = [field.value for field in reply.fields if field.name == "Left out"]
    assert left_out == ["row 3: duration_ms: 200 is outside 1,000 to 6,000,000 (ms); as seconds write 200000"]


async def test_a_csv_without_rows_says_so(ask: Ask) -> None:
    for command in ("/genre", "/cluster"):
        reply = await ask(command, File("demos.csv", b"energy,tempo\n"))
        assert "There is none below the first line." in reply.text


async def test_a_decade_that_has_tracks_enough_is_not_denied(ask: Ask) -> None:
    reply = await ask("/trend genre:jazz from:1990 to:1999")
    assert "one decade alone has as many. With a date there are" in reply.text


async def test_the_scored_file_of_somebody_else_runs_no_formula(ask: Ask) -> None:
    rows = b'title,energy,loudness,tempo\n=1+1,0.8,-5.5,120\n"@SUM(1)",0.5,-7,90\n'
    (scored,) = (await ask("/genre", File("demos.csv", rows))).files
    first, second = scored.data.decode("utf-8-sig").splitlines()[1:]
    assert first.startswith("'=1+1,0.8,-5.5,120,")
    assert second.startswith("'@SUM(1),0.5,-7,90,")

"""CSV files as people export them are read; every bad cell is named by row and column, good rows survive."""

import numpy as np
import pytest

from ml import demo_csv
from ml.demo_csv import MAX_ROWS, CsvError, read
from ml.features import COLUMN

GOOD = "title,energy,tempo,mode\nOne,0.5,120,1\nTwo,0.9,90,0\n"


def energy(data: bytes) -> list[float]:
    return read(data).x[:, COLUMN["energy"]].tolist()


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace(",", ";").replace("0.5", "0,5").replace("0.9", "0,9").encode(),
        GOOD.replace("One", "Café").encode("cp1252"),
        (GOOD + "\n\n").encode(),
        GOOD.replace("energy", " Energy ").encode(),
        "\n".join(line + "," * 40 for line in GOOD.strip().split("\n")).encode(),
    ],
    ids=[
        "plain",
        "bom",
        "utf-16",
        "crlf",
        "tabs",
        "semicolons and decimal commas",
        "cp1252",
        "blank",
        "case",
        "40 more",
    ],
)
def test_common_exports_read_alike(data: bytes) -> None:
    demos = read(data)
    assert demos.errors == ("", "")
    assert energy(data) == [0.5, 0.9]
    assert demos.x[:, COLUMN["tempo"]].tolist() == [120, 90]
    assert np.isnan(demos.x[:, COLUMN["valence"]]).all()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("loud", "energy: 'loud' is not a number"),
        ("nan", "energy: 'nan' is not a finite number"),
        ("inf", "energy: 'inf' is not a finite number"),
        ("73", "as a percentage write 0.73"),
        ("-1", "energy: -1 is outside 0 to 1"),
    ],
)
def test_a_bad_cell_is_named_and_the_other_rows_are_kept(cell: str, said: str) -> None:
    demos = read(GOOD.replace("0.9", cell).encode())
    assert demos.errors[0] == ""
    assert said in demos.errors[1]


def test_a_row_without_any_feature_is_an_error() -> None:
    assert read(b"title,energy\nOne,\n").errors == ("no feature is given",)


def test_a_row_too_wide_is_an_error() -> None:
    assert "3 cells under 2 columns" in read(b"title,energy\nOne,0.5,7\n").errors[0]


@pytest.mark.parametrize(
    ("column", "text", "decade"),
    [
        ("decade", "60", 1960),
        ("decade", "60s", 1960),
        ("decade", "1960", 1960),
        ("decade", "60.0", 1960),
        ("decade", "00", 2000),
        ("decade", "0", 2000),
        ("decade", "10", 2010),
        ("year", "1984", 1980),
        ("year", "1984-05-01", 1980),
        ("year", "someday", 0),
    ],
)
def test_eras_are_read_in_every_spelling(column: str, text: str, decade: int) -> None:
    assert read(f"energy,{column}\n0.5,{text}\n".encode()).decades == (decade,)


def test_genres_may_be_genres_families_or_unknown() -> None:
    demos = read(b"energy,genre\n.5,Synth Pop\n.5,reggae & dancehall\n.5,bedroom pop\n.5,\n")
    assert demos.genres == (("synth-pop",), ("reggae", "dancehall", "dub"), (), ())
    assert demos.unknown_genres == ("bedroom pop",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "first line must name the columns"),
        (b"0.5,120\n0.6,90\n", "first line must name the columns"),
        (b"PK\x03\x04rest", "ZIP archive"),
        (b"\x1f\x8brest", "gzip"),
        (b"RIFF1234WAVE", "audio"),
        (b"\x00\xff\x00\xfe" * 10, "not text"),
    ],
)
def test_what_is_no_csv_says_so(data: bytes, said: str) -> None:
    with pytest.raises(CsvError, match=said):
        read(data)


def test_limits_are_stated_and_the_first_rows_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    demos = read(b"energy\n" + b"0.5\n" * (MAX_ROWS + 7))
    assert (len(demos.cells), demos.unread) == (MAX_ROWS, 7)
    monkeypatch.setattr(demo_csv, "MAX_BYTES", 1000)
    with pytest.raises(CsvError, match="MB"):
        read(b"x" * 1001)


def test_added_columns_follow_the_file_s_own() -> None:
    demos = read(b'title,energy,error\n"a, b",0.5,old\n')
    assert (
        demo_csv.write(demos, {"hit_score": [0.25], "error": [""]})
        == 'title,energy,hit_score,error\n"a, b",0.5,0.25,\n'
    )

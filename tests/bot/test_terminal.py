"""`python -m bot` on the command line: one answer and out, a chat, and starts that cannot be."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core import Chart, Field, Next, Reply
from bot.router import Router
from bot.transports.terminal import completions, render

ROOT = Path(__file__).resolve().parents[2]


def bot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        input="",
        timeout=60,
    )


def one_line(done: subprocess.CompletedProcess[str], said: str) -> None:
    assert done.returncode not in (0, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("timbre: ")]) == 1


def test_one_line_is_answered_and_its_chart_written(tmp_path: Path) -> None:
    done = bot("--once", "/trend tempo", "--out", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Tempo ")
    assert (tmp_path / "new" / "trend.png").read_bytes().startswith(b"\x89PNG")


def test_json_is_the_object_the_web_answers_with(tmp_path: Path) -> None:
    done = bot("--once", "/recommend mood:energetic", "--json", "--out", str(tmp_path))
    reply = json.loads(done.stdout)
    assert set(reply) == {"text", "fields", "charts", "files", "next", "private", "error"}
    assert len(reply["fields"]) == 10
    assert Path(reply["charts"][0]["url"]).is_file()
    assert {"label", "line"} == set(reply["next"][0])


def test_a_user_s_error_exits_with_2() -> None:
    done = bot("--once", "/genre energy:40", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] is True


def test_a_file_is_scored_and_the_scored_file_written(tmp_path: Path) -> None:
    demos = tmp_path / "my demos.csv"
    demos.write_text("title,energy,tempo\nOne,0.9,128\nTwo,nope,90\n")
    done = bot("--once", "/genre", "--file", str(demos), "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "row 2: energy: 'nope' is not a number" in done.stdout
    assert (tmp_path / "scored-my-demos.csv").read_text(encoding="utf-8-sig").startswith("title,energy,tempo,genre_1")
    assert (tmp_path / "demos.png").is_file()


@pytest.mark.parametrize(
    ("content", "said"), [(b"RIFF\x00\x00\x00\x00WAVE", "audio"), (b"PK\x03\x04", "ZIP"), (b"hello\n", "columns")]
)
def test_a_file_that_is_no_csv_is_a_user_s_error(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "demo.csv"
    path.write_bytes(content)
    done = bot("--once", "/hitscore", "--file", str(path))
    assert done.returncode == 2
    assert said in done.stdout


def test_the_chat_leaves_on_end_of_input(tmp_path: Path) -> None:
    done = bot("--terminal", DATA_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "/help" in done.stdout


def test_ctrl_c_leaves_the_chat_at_once(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="needs a terminal")
    ours, theirs = pty.openpty()
    chat = subprocess.Popen(
        [sys.executable, "-m", "bot", "--terminal"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        shown = b""
        while "› ".encode() not in shown:
            shown += os.read(ours, 1024)
        for _ in range(30):  # the prompt is shown a moment before the line is waited for
            chat.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                chat.wait(1)
                break
        assert chat.returncode == 0
    finally:
        chat.kill()
        os.close(ours)
        os.close(theirs)


def test_missing_and_damaged_artifacts_end_the_start(tmp_path: Path) -> None:
    one_line(bot("--once", "/help", ARTIFACTS_DIR=str(tmp_path / "none")), "manifest.json is missing")
    damaged = tmp_path / "artifacts"
    shutil.copytree(ROOT / "artifacts", damaged)
    with (damaged / "hitscore.joblib").open("ab") as file:
        file.write(b"x")
    started = bot(ARTIFACTS_DIR=str(damaged), DATA_DIR=str(tmp_path), WEB_PORT="0")
    one_line(started, "hitscore.joblib does not match manifest.json")


def test_a_port_in_use_ends_the_start(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        one_line(bot(WEB_PORT=str(port), DATA_DIR=str(tmp_path)), "the port is in use")


def test_an_unwritable_data_folder_and_bad_settings_end_the_start(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    one_line(bot(DATA_DIR=str(blocked / "data")), "cannot be written")
    for name, value in (("WEB_PORT", "many"), ("LOG_LEVEL", "loud"), ("DATABASE_URL", "sqlite:///:memory:")):
        refused = bot(**{name: value})
        one_line(refused, f"{name} is not usable")
        assert refused.returncode == 78, "a supervisor must not start it again"
    one_line(bot("--once", "/help", "--file", str(tmp_path / "none.csv")), "cannot be read")


def test_escape_sequences_reach_no_terminal() -> None:
    reply = Reply(
        "\x1b[2Jwiped", (Field("a\x1b]0;b", "c\x07"),), (Chart("x.png", b"", "d\x9be"),), next=(Next("f", "/g"),)
    )
    assert not set(render(reply, {})) & set("\x1b\x07\x9b")


def test_answers_do_not_depend_on_the_machine_s_encoding() -> None:
    done = bot(
        "--once", "/about", "--json", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert "R²" in done.stdout


def test_one_thumb_stands_for_all_of_a_list() -> None:
    rows = [Field(f"{n}. t", "why", f"https://x.example/{n}", (Next("👍", f"/rate track:{n}"),)) for n in (1, 2)]
    said = render(Reply("2 tracks.", tuple(rows), next=(Next("More", "/more"),)), {})
    assert said.endswith("\n\n  👍 the first: /rate track:1\n  More: /more")
    assert said.count("/rate") == 1


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/tre", "/trend "),
        ("/trend te", "tempo "),
        ("/trend tempo b", "by:"),
        ("/trend tempo by:d", "by:decade "),
        ("/recommend mood:ene", "mood:energetic "),
        ("/genre enter", '"Enter Sandman by Metallica" '),
    ],
)
def test_tab_completes_commands_options_and_values(router: Router, typed: str, offered: str) -> None:
    found = completions(router, typed)
    assert offered in found


def test_a_reader_that_stops_early_gets_no_trace(tmp_path: Path) -> None:
    line = f"{sys.executable} -m bot --once /help | head -c 1"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True)
    assert len(done.stdout) == 1
    assert "Traceback" not in done.stderr

#!/usr/bin/env python3
"""Records docs/recording.svg: runs the real programs in tmux, and draws what the terminal showed.

    python3 docs/record.py

Needs tmux, an installed checkout (npm ci), and the default ports free. Nothing is edited afterwards.
"""
import re
import subprocess
import time
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, TOP_ROWS, BOTTOM_ROWS = 106, 12, 17
ROWS = TOP_ROWS + 1 + BOTTOM_ROWS
FRAMES_PER_SECOND = 5
CELL_WIDTH, LINE_HEIGHT, PADDING, BAR = 8.4, 18, 16, 34

# When (in seconds), in which pane (0 above, 1 below), and what is typed there.
SCRIPT = [
    (0.6, 0, "npm run -s start\n"),
    (4.0, 1, "npm run -s bots -- --count 20 --seconds 5\n"),
    (12.6, 1, "npm run -s radar\n"),
    (23.0, 0, "\x03"),
]
SECONDS = 26


def tmux(*args: str) -> str:
    command = ["tmux", "-L", "tickwire-recording", "-f", "/dev/null", *args]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def record() -> list[list[str]]:
    """The screen, line by line, at each frame."""
    shell = "PS1='$ ' exec bash --norc --noprofile"
    tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), shell)
    tmux("set", "-g", "status", "off")
    tmux("split-window", "-v", "-l", str(BOTTOM_ROWS), shell)
    time.sleep(1)
    keys = sorted(
        (at + 0.04 * n, pane, key) for at, pane, text in SCRIPT for n, key in enumerate(text)
    )
    frames: list[list[str]] = []
    start = time.monotonic()
    try:
        while len(frames) < SECONDS * FRAMES_PER_SECOND:
            now = time.monotonic() - start
            while keys and keys[0][0] <= now:
                _, pane, key = keys.pop(0)
                name = {"\n": ["Enter"], "\x03": ["C-c"]}.get(key, ["-l", key])
                tmux("send-keys", "-t", f".{pane}", *name)
            if now >= len(frames) / FRAMES_PER_SECOND:
                panes = [
                    styled(tmux("capture-pane", "-e", "-p", "-t", f".{pane}").split("\n")) for pane in (0, 1)
                ]
                top = (panes[0] + [""] * TOP_ROWS)[:TOP_ROWS]
                frames.append([*top, "", *(panes[1] + [""] * BOTTOM_ROWS)[:BOTTOM_ROWS]])
            time.sleep(0.01)
    finally:
        tmux("kill-server")
    return frames


def styled(lines: list[str]) -> list[str]:
    """Each line with the style it begins in: tmux tells only what changes, line ends or not."""
    result, style = [], ""
    for line in lines:
        result.append(style + line)
        for code in re.findall(r"\x1b\[[0-9;]*m", line):
            style = "" if code in ("\x1b[0m", "\x1b[m") else style + code
    return result


def line_svg(line: str) -> str:
    """Words at their columns, so that no font can shift them."""
    spans, column, style = [], 0, set()
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            for code in part[2:-1].split(";"):
                if code in ("", "0"):
                    style.clear()
                elif code in ("1", "2", "33"):
                    style.add({"1": "b", "2": "d", "33": "y"}[code])
                elif code in ("39", "22"):
                    style -= {"y"} if code == "39" else {"b", "d"}
            continue
        for word in re.finditer(r"\S+(?: \S+)*", part):
            name = f' class="{" ".join(sorted(style))}"' if style else ""
            x = round((column + word.start()) * CELL_WIDTH, 1)
            spans.append(f'<tspan x="{x:g}"{name}>{escape(word.group(), quote=False)}</tspan>')
        column += len(part)
    return "".join(spans)


def draw(frames: list[list[str]]) -> str:
    shown: list[tuple[float, list[str]]] = []
    for n, frame in enumerate(frames):
        if not shown or shown[-1][1] != frame:
            shown.append((n / FRAMES_PER_SECOND, frame))
    # Each line that stays on its row is drawn once, and shown from its first frame to its last.
    spans: list[tuple[int, str, int, int]] = []
    for row in range(ROWS):
        first = 0
        for n in range(1, len(shown) + 1):
            if n == len(shown) or shown[n][1][row] != shown[first][1][row]:
                text = line_svg(shown[first][1][row])
                if text:
                    spans.append((row, text, first, n))
                first = n
    times = [at for at, _ in shown] + [SECONDS]
    groups: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for row, text, first, end in spans:
        groups.setdefault((first, end), []).append((row, text))
    rules, body = [], []
    for index, ((first, end), lines) in enumerate(sorted(groups.items())):
        start, stop = (round(times[i] / SECONDS * 100, 3) for i in (first, end))
        # Before and after it is hidden; steps jump and do not fade.
        keys = [f"0%{{opacity:{1 if start == 0 else 0}}}"]
        if start > 0:
            keys.append(f"{start:g}%{{opacity:1}}")
        if stop < 100:
            keys.append(f"{stop:g}%{{opacity:0}}")
        rules.append(f"@keyframes k{index}{{{''.join(keys)}100%{{opacity:{1 if stop >= 100 else 0}}}}}")
        texts = "".join(f'<text y="{(row + 1) * LINE_HEIGHT - 5}">{text}</text>' for row, text in lines)
        # Without animation the last screen is shown.
        last = ' class="g l"' if end == len(shown) else ' class="g"'
        body.append(f'<g{last} style="animation-name:k{index}">{texts}</g>')
    width = round(COLUMNS * CELL_WIDTH + 2 * PADDING)
    height = ROWS * LINE_HEIGHT + 2 * PADDING + BAR
    divider = PADDING + BAR + (TOP_ROWS + 0.5) * LINE_HEIGHT
    dots = "".join(f'<circle class="o" cx="{20 + 20 * n}" cy="{BAR / 2 + 2}" r="5.5"/>' for n in range(3))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="A terminal: above a Tickwire server whose bots join, below twenty more bots, then a radar that plays the arena.">
<style>
svg{{--back:#fbfbfa;--edge:#d5d8dc;--text:#24292f;--faint:#8b949e;--bright:#a15c00}}
@media(prefers-color-scheme:dark){{svg{{--back:#12161c;--edge:#30363d;--text:#d6dde5;--faint:#6e7a88;--bright:#f2b950}}}}
.back{{fill:var(--back);stroke:var(--edge)}}.rule{{stroke:var(--edge)}}.o{{fill:var(--edge)}}
text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--text);white-space:pre}}
.d{{fill:var(--faint)}}.y{{fill:var(--bright)}}.b{{font-weight:700}}
.g{{opacity:0;animation:{SECONDS}s step-end infinite}}
@media(prefers-reduced-motion:reduce){{.g{{animation:none}}.l{{opacity:1}}}}
{"".join(rules)}
</style>
<rect class="back" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9"/>{dots}
<path class="rule" d="M0 {BAR}.5H{width}M0 {divider:g}H{width}"/>
<g transform="translate({PADDING} {BAR + PADDING})">
{chr(10).join(body)}
</g>
</svg>
"""


if __name__ == "__main__":
    target = ROOT / "docs" / "recording.svg"
    target.write_text(draw(record()), encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")

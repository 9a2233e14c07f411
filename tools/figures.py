"""Makes the pictures of the README and of the site's first page, the first minute in motion, and the README's numbers.

python tools/figures.py           write docs/first-minute-light.svg, -dark.svg and .webp, and into README.md
python tools/figures.py --check   say which would change, and change nothing

Jupyter shows no SVG that is attached to a cell, so lesson 00 has the same as WebP.
"""

import argparse
import io
import re
import sys
from pathlib import Path

from PIL import Image, ImageSequence

from uffdsim import library, words
from uffdsim.course.lessons.minute import MINUTE
from uffdsim.lab import Lab
from uffdsim.pictures import Picture, Rect, Text, draw, figure, stacked
from uffdsim.pictures.painters.motion import motion

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NUMBERS = re.compile(r"(?<=<!-- numbers -->\n).*?(?=\n<!-- /numbers -->)", re.DOTALL)
SENTENCE = (
    "A page fault answered from user space: t1 reads a page that is in the page cache but has no entry at this "
    "address, and sleeps; the handler gets a message, changes the page through its other mapping, and lets t1 go on "
    "with CONTINUE."
)
WIDTH, SECONDS = 760, 2.4
DPI, COLOURS = 150, 48


def frames() -> list[tuple[Picture, float]]:
    """The memory and the events after each act, below a line that says what was done and with what result."""
    model = Lab(acts=MINUTE, keep="", pages=2).model
    found = []
    for k, end in enumerate(model.outcome.ends):
        said = "One file, mapped twice. Touches of watched are reported to a handler."
        if k:
            step = model.acts[k - 1]
            said = f"{k}. {words.step(step)} → {words.result(step, model.outcome.answer(k - 1, end))}"
        tables = draw("tables", model.trace, end, size=(WIDTH, 190))
        sequence = draw("sequence", model.trace, end, size=(WIDTH, 190), hide_after=True)
        found.append((stacked([_headline(said), tables, sequence], gap=0), SECONDS))
    return found


def _headline(text: str) -> Picture:
    shapes = (Rect(0, 0, WIDTH, 34, "panel", 0), Text(22, 19, text, size=16, bold=True))
    return Picture("headline", WIDTH, 34, "", shapes, text)


def film(drawn: list[tuple[Picture, float]]) -> bytes:
    """The pictures as an animated WebP, half as large again as they are shown."""
    images = []
    for picture, _ in drawn:
        painted = io.BytesIO()
        figure(picture).savefig(painted, format="png", dpi=DPI)
        images.append(Image.open(painted).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB"))
    times = [round(1000 * seconds) for _, seconds in drawn]
    made = io.BytesIO()
    images[0].save(
        made, "webp", save_all=True, append_images=images[1:], duration=times, lossless=True, quality=100, method=4
    )
    return made.getvalue()


def seen(data: bytes) -> list[bytes]:
    """The pixels of each image of a film: another processor may pack the same ones differently."""
    return [image.convert("RGB").tobytes() for image in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]


def numbers() -> str:
    """How much of the simulated kernel is checked against real ones, counted in data/."""
    found = [path for folder in library.folders() for path in library.data().glob(f"recordings/{folder}/*.jsonl")]
    answers = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in found)
    scenarios = library.scenarios()
    random = sum(name.startswith("found-") for name in scenarios)
    rows = {
        "kernels that were asked": len(library.folders()),
        "scenarios, each a short program": len(scenarios),
        "of them found by random programs that a real kernel answered differently": random,
        "recordings of a scenario on a kernel": len(found),
        "answers in them, step by step": answers,
    }
    return "\n".join(["| | |", "| ---: | --- |", *(f"| {count:,} | {what} |" for what, count in rows.items())])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="say what would change, and change nothing")
    arguments = parser.parse_args(argv)
    drawn = frames()
    made = {name: motion(drawn, "m", SENTENCE, dark=name == "dark") + "\n" for name in ("light", "dark")}
    paths = {DOCS / f"first-minute-{name}.svg": text for name, text in made.items()}
    readme = ROOT / "README.md"
    paths[readme] = NUMBERS.sub(numbers(), readme.read_text(encoding="utf-8"))
    stale = [path for path, text in paths.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{'would write' if arguments.check else 'wrote'} {path.relative_to(ROOT)}")
        if not arguments.check:
            path.write_text(paths[path], encoding="utf-8")
    path, data = DOCS / "first-minute.webp", film(drawn)
    if not path.exists() or seen(path.read_bytes()) != seen(data):
        stale.append(path)
        print(f"{'would write' if arguments.check else 'wrote'} {path.relative_to(ROOT)}")
        if not arguments.check:
            path.write_bytes(data)
    return int(arguments.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())

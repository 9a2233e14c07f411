"""Questions on a page: choices that are answered there, and the verdict on each, with the kernel's reason."""

from html import escape

from uffdsim.course.render import folded, headline, paragraphs

SAY = "That is my answer"


def question(asked: dict, id: str) -> str:
    """A question of a lesson, as ``shown.py`` stored it."""
    head = headline("Predict") + asked["told"] + folded("What it looks like now", asked["before"])
    choices = _choices(asked["prompt"], [text for text, _ in asked["choices"]], id)
    verdicts = "".join(f'<template data-choice="{i}">{said}</template>' for i, (_, said) in enumerate(asked["choices"]))
    log = f'<div class="uffdsim-box" tabindex="0" role="region" aria-label="What happened">{asked["log"]}</div>'
    after = folded("What it looks like after that", asked["after"]) + folded("What happened, event by event", log)
    return _form(head, choices, f"{verdicts}<template data-after>{after}</template>")


def predictions(asked: list[dict], id: str) -> str:
    """What a lab asks of its acts, one after the other."""
    return "".join(_prediction(one, f"{id}-{n}") for n, one in enumerate(asked))


def _prediction(asked: dict, id: str) -> str:
    choices = "".join(_choices(part["asks"], part["options"], f"{id}-{i}") for i, part in enumerate(asked["parts"]))
    truths = [
        f"<li data-truth={part['options'].index(part['truth'])}>{escape(part['asks'])} "
        f"<strong>{escape(part['truth'])}</strong></li>"
        for part in asked["parts"]
    ]
    after = f"<template data-after><ul>{''.join(truths)}</ul>{paragraphs(*asked['reasons'])}</template>"
    return _form(headline(escape(asked["about"])), choices, after)


def _choices(prompt: str, texts: list[str], id: str) -> str:
    radio = f'<label><input type="radio" name="{id}" value="{{}}" required> {{}}</label>'
    labels = [radio.format(i, escape(text)) for i, text in enumerate(texts)]
    return f"<fieldset><legend>{escape(prompt)}</legend>{''.join(labels)}</fieldset>"


def _form(head: str, choices: str, answers: str) -> str:
    button = f'<button title="Was I right, and why?">{SAY}</button>'
    return f'<form class="uffdsim-ask site-ask">{head}{choices}{button}{answers}<div role="status"></div></form>'

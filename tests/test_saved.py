"""Saved notebooks hold the words of widgets; their views come back to whoever opens them while the kernel runs."""

import copy
import os

from uffdsim import saved

VIEW = {"version_major": 2, "version_minor": 0, "model_id": "c0ffee"}


def notebook(*bundles):
    outputs = [{"output_type": "display_data", "metadata": {}, "data": copy.deepcopy(data)} for data in bundles]
    return {"cells": [{"cell_type": "markdown", "source": "x"}, {"cell_type": "code", "outputs": outputs}]}


def views(content):
    return [output["data"].get(saved.VIEW) for output in content["cells"][1]["outputs"]]


OURS = {saved.VIEW: {**VIEW, "kernel": "k/7"}, "text/plain": "a lab", "text/html": "<p>a lab</p>"}
THEIRS = {saved.VIEW: VIEW, "text/plain": "IntSlider(value=0)"}


def test_a_saved_notebook_has_the_words_of_our_widgets_and_leaves_others_as_they_are():
    content = notebook(OURS, THEIRS)
    saved.close(content)
    assert views(content) == [None, VIEW]
    assert content["cells"][1]["outputs"][0]["data"] == {"text/plain": "a lab", "text/html": "<p>a lab</p>"}
    again = copy.deepcopy(content)
    saved.close(again)
    assert again == content


def test_whoever_opens_it_while_the_kernel_runs_has_everything_back():
    content = notebook(OURS, THEIRS)
    before = copy.deepcopy(content)
    saved.close(content)
    saved.open_again(content, {"k/7", "other/1"})
    assert content == before


def test_a_kernel_that_was_started_anew_is_another():
    content = notebook(OURS)
    saved.close(content)
    saved.open_again(content, {"k/8"})
    assert views(content) == [None]
    assert content["cells"][1]["outputs"][0]["metadata"] == {}


def test_a_widget_without_words_stays_as_it_is():
    content = notebook({saved.VIEW: {**VIEW, "kernel": "k/7"}})
    saved.close(content)
    assert views(content) == [{**VIEW, "kernel": "k/7"}]


def test_a_bundle_says_in_which_kernel_its_view_lives(monkeypatch):
    monkeypatch.setattr(saved, "kernel", lambda: "k/7")
    bundle = saved.bundle({saved.VIEW: VIEW, "text/plain": "VBox()"}, plain="a lab", html="<p>a lab</p>")
    assert bundle == OURS
    assert saved.bundle(None, plain="a lab") == {"text/plain": "a lab"}


def test_outside_of_a_kernel_there_is_none():
    assert saved.kernel() == ""
    assert saved.name("k", None) == "" and saved.name("k", os.getpid()) == f"k/{os.getpid()}"

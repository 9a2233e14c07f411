"""Scenarios as C: a program that does the same on the kernel it runs on."""

import textwrap

from uffdsim.export.calls import OnMemory
from uffdsim.export.descriptors import OnDescriptors
from uffdsim.export.line import Line, joined, lines
from uffdsim.export.memory import Memory
from uffdsim.export.names import Names, c_words
from uffdsim.export.parts import chosen, reserved, words
from uffdsim.export.tables import Tables
from uffdsim.export.variables import Variables
from uffdsim.grammar import Trait
from uffdsim.linux.places import Places
from uffdsim.linux.real import huge_pages
from uffdsim.scenario import Scenario, Step
from uffdsim.uapi import Feature

WIDTH = 112
BESIDE = " " * 9
HOW = "main, at the end, takes the steps; each prints what the kernel answered, as a line of JSON."
RUN = "    cc -pthread -o scenario scenario.c && ./scenario"


def to_c(scenario: Scenario) -> str:
    """A program that carries out the steps, and prints the observations as they would be recorded: one line a step.

    It wants Linux on x86_64, a C library with strerrorname_np (glibc 2.32), and of the kernel what the steps want.

    :raises ScenarioError: for a step that no program can be made of.
    """
    return joined(c_lines(scenario))


def c_lines(scenario: Scenario) -> list[Line]:
    """The same line by line. What a thread carries out for a step is the step's too.

    :raises ScenarioError: for a step that no program can be made of.
    """
    return Program(scenario).all_lines()


class Program:
    """A C program in the making."""

    def __init__(self, scenario: Scenario):
        self.scenario = scenario
        self.places = Places(scenario)
        calls = [f"step_{index}" for index in range(len(scenario))]
        self.name = Names([*c_words(), *reserved(), *calls, "t"])
        self.variables = Variables(scenario, self.name)
        self.on_memory = OnMemory(self.places, self.name, self.variables)
        self.on_descriptors = OnDescriptors(self.places, self.name, self.variables)
        self.tables = Tables(scenario, self.places, self.name, self.variables.shared)
        self.threads: set[str] = set()
        """Those that take steps."""
        self.touches: list[Step] = []
        """Loads and stores that they make."""
        self.signals = False
        """Whether one of these may end in a signal."""
        self.functions: list[Line] = []
        """Calls that a thread makes."""
        self.lines: list[Line] = []

    def all_lines(self) -> list[Line]:
        """The program."""
        memory = Memory(self.places)
        for index, step in enumerate(self.scenario):
            self._add(index, step, self._statement(index, step, memory))
            memory.after(index, step)
        self.signals = any(map(memory.may_fail, self.touches))
        written = [*self.functions, *self._main()]
        own = joined(written)
        threads = [thread for thread in self.scenario.threads if thread in self.threads]
        headers, parts = chosen(own, self._traits(own, memory), self.tables.lines(memory.told(), threads))
        above = "\n\n".join([self._about(), "#define _GNU_SOURCE\n" + "\n".join(headers), parts]) + "\n"
        return [*lines(above), *written]

    def _statement(self, index: int, step: Step, memory: Memory) -> list[str]:
        waits = memory.may_wait(step)
        if "fd" in step and not waits:
            return self.on_descriptors.call(index, step)
        match step.op:
            case "inspect":
                return ["inspect();"]
            case "file":
                return self.on_memory.file(step)
            case "mmap" if not step["over"]:
                return self.on_memory.mmap(index, step)
            case "userfaultfd":
                return self.on_descriptors.userfaultfd(step)
            case "pagemap_scan":
                return [self.on_memory.pagemap_scan(step)]
            case "load" | "store" if memory.is_sound(step):
                return [self.on_memory.sound_touch(step)]
            case "load" | "store" | "kload" | "kstore":
                self.threads.add(step.thread)
                self.touches += [step] if Trait.KERNEL not in step.traits else []
                return [self.on_memory.touch(step)]
        return self.on_memory.calls(index, step, self._function(index, step) if waits else "")

    def _function(self, index: int, step: Step) -> str:
        """The function with which a thread makes the call."""
        self.threads.add(step.thread)
        if Trait.READ in step.traits:
            body = f"\t{self.on_descriptors.read(step, waits=True)}"
        else:
            body = f"\treturned(t, {self.on_memory.system_call(index, step)});"
        self.functions += [*lines(f"static void step_{index}(struct thread *t)\n{{\n{body}\n}}", index), Line("")]
        return f"step_{index}"

    def _add(self, index: int, step: Step, statements: list[str]) -> None:
        """Write a step, with its note beside or above it."""
        texts: list[str] = []
        for number, statement in enumerate(statements):
            head, more = f"/* {index:2} */ " if number == 0 else BESIDE, f"{BESIDE}    "
            texts += textwrap.wrap(
                statement, WIDTH, initial_indent=head, subsequent_indent=more,
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip
        note = _printable(step.given.get("note", ""))
        if note and len(texts) == 1 and len(texts[0]) + len(note) < WIDTH:
            texts[0] += f" /* {note} */"
        elif note:
            texts.insert(0, f"{BESIDE}/* {note} */")
        self.lines += [Line(f"\t{text}", index) for text in texts]

    def _main(self) -> list[Line]:
        start = ["\tsetlinebuf(stdout);"]
        if self.signals:
            start.append("\tcatch_signals();")
        if any(mapping.page_size == 4096 and mapping.pages >= 512 for mapping in self.places.mappings.values()):
            start.append("\tprctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* pages of 4 KiB stay so */")
        return [*lines("\n".join(["int main(void)", "{", *start, ""])), *self.lines, *lines("\treturn 0;\n}")]

    def _traits(self, own: str, memory: Memory) -> set[str]:
        """What the program has, as far as its parts ask."""
        used = words(own)
        has = {
            "mapping": self.places.mappings,
            "shared": self.variables.shared,
            "one-watched": len(memory.told()) == 1 and not memory.begins_before(),
            "over": self.places.over,
            "reads": used & {"wait_for_event", "wait_for_events"},
            "changes": used & {"forget", "cover"},
            "late": self.tables.late,
            "forget": "forget" in used,
            "store": used & {"store", "kstore"},
            "threads": self.threads,
            "address": used & {"load", "store", "kload", "kstore"},
            "work": self.signals or used & {"run", "store", "kload", "kstore"},
            "signal": self.signals,
            "THREAD_ID": self._asks_for(Feature.THREAD_ID),
            "FORK": self._asks_for(Feature.EVENT_FORK)
            or any(step.get("child") in self.variables.last_use for step in self.scenario),
            "REMAP": self._asks_for(Feature.EVENT_REMAP),
            "REMOVE": self._asks_for(Feature.EVENT_REMOVE | Feature.EVENT_UNMAP),
        }
        return {trait if true else f"no-{trait}" for trait, true in has.items()}

    def _asks_for(self, features: Feature) -> bool:
        return any(step.bits & features for step in self.scenario if "features" in step)

    def _about(self) -> str:
        """What stands at the top: the scenario's name and text, and how to run the program."""
        pages = huge_pages(self.scenario).items()
        needs = [f"{count} free huge pages of {size >> 20} MiB" for size, count in pages if count]
        if self.places.descriptors:
            who = "sudo" if "effective_user" in words(joined(self.lines)) else "sudo, or vm.unprivileged_userfaultfd=1"
            needs.append(f"the right to open a userfaultfd ({who})")
        how = HOW + (f" It needs {' and '.join(needs)}." if needs else "")
        paragraphs = [textwrap.wrap(_printable(text), 100) for text in (self.scenario.name, self.scenario.about, how)]
        lines = [line for paragraph in paragraphs if paragraph for line in [*paragraph, ""]]
        return "\n".join(["/*", *(f" * {line}".rstrip() for line in [*lines, RUN]), " */"])


def _printable(text: str) -> str:
    """A text that can stand in a comment."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain.replace("*/", "* /").replace("/*", "/ *").strip()

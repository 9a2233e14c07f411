// The program beside the pictures: its lines, and the marks of those that run and of those that wait.

const SPEAKS = { python: "The program in Python", C: "The program in C" };

class Program {
  constructor(box) {
    this.box = box;
    box.classList.add("uffdsim-program");
    box.tabIndex = 0; // it scrolls, so keys must reach it
    box.setAttribute("role", "group");
    this.told = null;
  }

  show(told, frame) {
    this.box.hidden = frame.runs === undefined;
    if (this.box.hidden) return;
    if (told !== this.told) this.write(told);
    this.lines.forEach((line, i) => this.mark(line, told.lines[i][1], frame));
    requestAnimationFrame(() => this.follow());
  }

  write(told) {
    this.told = told;
    this.box.setAttribute("aria-label", SPEAKS[told.language]);
    const list = element("ol");
    this.lines = told.lines.map(([text, , end]) => {
      const line = element("li");
      line.textContent = text || " ";
      if (end !== null) line.dataset.event = end;
      return line;
    });
    list.append(...this.lines);
    this.box.replaceChildren(list);
  }

  mark(line, step, { runs, waits }) {
    const now = step !== null && step === runs;
    const sleeper = waits.find(([one]) => step !== null && one === step)?.[1];
    line.classList.toggle("uffdsim-now", now);
    line.classList.toggle("uffdsim-waits", Boolean(sleeper));
    if (now) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
    if (sleeper) line.dataset.waits = `${sleeper} waits`;
    else delete line.dataset.waits;
  }

  // Keeps in sight what runs: of a step that stands in two places, where main takes it.
  follow() {
    const marked = this.lines.findLast((line) => line.ariaCurrent);
    const top = marked ? marked.offsetTop - (this.box.clientHeight - marked.offsetHeight) / 2 : 0;
    this.box.scrollTop = Math.max(0, top);
  }
}

// The clock of a lab: a timeline that can be dragged, with the acts marked, and the buttons of time.

const SPEEDS = { "by acts": [4000, true], "by acts, fast": [1500, true], "by events": [900, false], "by events, fast": [300, false] };

const TIMES = ["first", "back_act", "back", "next", "next_act", "end", "play"]; // they need no Python

class Clock {
  constructor(box, { go, order, tell, pace, groups, buttons }) {
    this.go = go;
    this.order = order;
    this.pace = pace;
    this.timer = null;
    this.now = null;
    this.buttons = {};
    this.line = element("input", "uffdsim-timeline");
    Object.assign(this.line, { type: "range", min: 0, step: 1 });
    this.line.setAttribute("aria-label", "Event");
    this.line.addEventListener("input", () => {
      this.stop();
      go(Number(this.line.value));
    });
    this.acts = element("div", "uffdsim-ticks");
    const track = element("div", "uffdsim-track");
    track.append(this.line, this.acts);
    const row = element("div", "uffdsim-row uffdsim-time");
    this.texts = Object.fromEntries(buttons);
    for (const [name, text, asks] of buttons) row.append(this.button(name, text, asks));
    this.speed = element("select");
    this.speed.setAttribute("aria-label", "How fast does it play?");
    for (const name of Object.keys(SPEEDS)) this.speed.append(new Option(name, name));
    this.buttons.play.after(this.speed);
    this.press("play", false);
    this.second = element("select");
    this.second.setAttribute("aria-label", "Show");
    this.second.addEventListener("change", () => tell({ do: "second", with: [this.second.value] }));
    const show = element("label", "uffdsim-second");
    show.title = "Which picture shows what I want to see?";
    show.append("Show ", this.second);
    this.take = element("button", "uffdsim-chip uffdsim-take");
    Object.assign(this.take, { type: "button", title: "How do I take this with me, or go on from somebody else's work?" });
    this.take.addEventListener("click", () => tell({ do: "take" }));
    if (groups.includes("time")) row.append(show);
    else row.replaceChildren();
    if (groups.includes("take")) row.append(this.take);
    track.hidden = !groups.includes("time");
    box.append(track, row);
    box.hidden = !groups.length;
  }

  button(name, text, asks) {
    const button = (this.buttons[name] = element("button", `uffdsim-chip uffdsim-${name.replace("_", "-")}`));
    Object.assign(button, { type: "button", textContent: text, title: asks });
    button.addEventListener("click", () => this.order(name));
    return button;
  }

  show(now) {
    const ends = now.ends.join();
    if (this.ends !== ends || this.end !== now.end) this.marks(now);
    Object.assign(this, { now, ends, end: now.end });
    this.line.max = now.last;
    this.line.value = now.at;
    this.line.setAttribute("aria-valuetext", `event ${now.at} of ${now.hides ? "?" : now.end}`);
    const idle = {
      first: !now.at, back: !now.at, back_act: !now.at, undo: !now.undoable, redo: !now.redoable,
      next: now.at === now.end, next_act: now.at === now.end, end: now.at === now.end,
    };
    // What would do nothing now is grey; if it were disabled, it would lose the keyboard's focus.
    for (const [name, button] of Object.entries(this.buttons)) {
      button.setAttribute("aria-disabled", String(Boolean(idle[name] || (this.dead && !TIMES.includes(name)))));
    }
    for (const name of ["predict", "lecture"].filter((one) => this.buttons[one])) this.press(name, now[name]);
    if (this.second.options.length !== now.names.length) {
      this.second.replaceChildren(...now.names.map((name) => new Option(name, name)));
    }
    this.second.value = now.second;
    this.take.textContent = `Take away ${now.take ? "▴" : "▾"}`;
    this.take.setAttribute("aria-expanded", String(now.take));
    if (this.timer && now.at >= now.last) this.stop();
  }

  live(on) {
    this.dead = !on;
    this.second.disabled = this.take.disabled = this.dead;
    if (this.now) this.show(this.now);
  }

  marks(now) {
    this.acts.replaceChildren(...now.ends.filter((end) => end <= now.last).map((end) => {
      const mark = element("i");
      mark.style.left = `${(100 * end) / Math.max(1, now.last)}%`;
      return mark;
    }));
  }

  press(name, on) {
    this.buttons[name].setAttribute("aria-pressed", String(on));
    this.buttons[name].textContent = on ? `✓ ${this.texts[name]}` : this.texts[name];
  }

  // Plays from here, or from the first act, if it has not begun or there is nothing left to play. It stops at what has to
  // be said first.
  play(at, now) {
    if (this.timer) return this.stop();
    if (at >= now.last && now.hides) return this.order("next_act");
    const begin = Math.min(now.ends[0] ?? 0, now.last);
    if (at >= now.end || at < begin) this.go(begin);
    const [pace, byActs] = SPEEDS[this.speed.value];
    this.timer = setInterval(() => this.order(byActs ? "next_act" : "next"), this.pace() || pace);
    this.press("play", true);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.press("play", false);
  }
}

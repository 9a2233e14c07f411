// Labs of a page without a kernel: what stands here in place of Python answers the stage from what is stored.
// Needs the lab's own scripts before it, as `stage`.

const FOLDED = '<details class="uffdsim-words"><summary>The same in words</summary></details>';

class Stored {
  constructor(data, shared) {
    this.data = data;
    this.way = 0;
    this.version = 0;
    this.listeners = {};
    this.state = {
      ...shared, above: "", lives: {}, life: "", clock: ["time"], buttons: data.buttons, pace: 0, offered: [], chosen: [], program: {},
      wordy: false,
    };
    this.look(data.second);
  }

  // What anywidget gives a widget.
  get(name) {
    return this.state[name];
  }

  on(what, listener) {
    (this.listeners[what] ??= []).push(listener);
  }

  send(message) {
    const [first] = message.with ?? [];
    if (message.do === "go") this.go(message);
    else if (message.do === "film") this.tell("msg:custom", { film: this.film() });
    else if (message.do === "second") this.change(() => this.look(first));
    else if (message.do === "words") this.change(() => (this.state.wordy = first));
  }

  // The page goes there by itself, where it knows the place already.
  go({ at, seq, shown }) {
    Object.assign(this.state.now, { at, seq, kept: true });
    if (shown) return;
    this.state.now = { ...this.state.now, frame: this.frame(at) };
    this.tell("change:now");
  }

  tell(what, message) {
    for (const listener of this.listeners[what] ?? []) listener(message);
  }

  choose(way) {
    const place = this.places().indexOf(this.state.now.at);
    this.change(() => {
      this.way = way;
      this.state.now.at = this.places()[place] ?? this.data.ways[way].now.at;
      this.look(this.second);
    });
  }

  change(what) {
    what();
    this.look(this.second);
    this.tell("change:now");
  }

  // Places that correspond to each other in different ways: where an act has ended.
  places() {
    return this.data.ways[this.way].now.ends;
  }

  look(second) {
    const { main, names, ways } = this.data;
    const { now } = ways[this.way];
    this.second = second;
    this.version += 1;
    this.parts = second === main ? { tables: main } : { tables: main, second };
    const at = this.state.now?.at ?? now.at;
    this.state.now = {
      ...now, at, version: this.version, kept: false, seq: 0, hides: false, undoable: false, redoable: false, predict: false,
      lecture: false, take: false, second, names, titles: {}, fresh: false,
    };
    this.state.now.frame = this.frame(at);
  }

  // The film of what is shown, as a kernel would send it.
  film() {
    const { decks, frames } = this.data.ways[this.way].film;
    const only = (those) => Object.fromEntries(Object.entries(this.parts).map(([part, name]) => [part, those[name]]));
    const last = {};
    return {
      version: this.version,
      decks: only(decks),
      frames: frames.map(({ pictures, texts, ...words }) => {
        for (const [name, change] of Object.entries(texts)) last[name] = changed(last[name] ?? "", change);
        return { ...words, pictures: only(pictures), caption: last.card + this.words(last) };
      }),
    };
  }

  words(texts) {
    if (!this.state.wordy) return FOLDED;
    const told = Object.values(this.parts).map((name) => texts[name]);
    return `<details class="uffdsim-words" open><summary>The same in words</summary>${told.join("")}</details>`;
  }

  // One frame, whole: the edits of all before it are made.
  frame(at) {
    const { decks, frames } = this.film();
    const lists = {};
    for (const frame of frames) {
      const drawn = {};
      for (const [part, { edits, ...head }] of Object.entries(frame.pictures)) {
        lists[part] = [...(lists[part] ?? [])];
        for (const [place, gone, ...come] of edits) lists[part].splice(place, gone, ...come);
        drawn[part] = { ...head, shapes: lists[part].map((index) => decks[part].shapes[index]) };
      }
      if (frame.at >= at) return { ...frame, pictures: drawn };
    }
    return null;
  }
}

function changed(old, [start, end, middle]) {
  return old.slice(0, start) + middle + old.slice(old.length - end);
}

// A lab in place of its still, and the settings that can be tried.
function bring(lab, data, shared) {
  const model = new Stored(data, shared);
  const el = document.createElement("div");
  lab.replaceChildren(el);
  stage.render({ model, el });
  if (data.ways.length > 1) el.before(ways(model, data));
}

function ways(model, data) {
  const row = document.createElement("div");
  row.className = "uffdsim-row site-ways";
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "What if");
  row.append("What if ");
  const buttons = data.ways.map(({ says }, way) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "uffdsim-chip", textContent: says, title: "How do the same acts turn out under this setting?" });
    button.addEventListener("click", () => {
      model.choose(way);
      press(way);
    });
    return button;
  });
  const press = (way) => buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === way)));
  press(0);
  row.append(...buttons);
  return row;
}

// The stage of a lab: draws the places of a trace, steps between those it knows without asking Python, and tells Python of
// clicks and keys. What an act does, it leaves to Python. Needs page.js, film.js and clock.js before it.

const KEYS = {
  ArrowRight: "next", ArrowLeft: "back", PageDown: "next_act", PageUp: "back_act", Home: "first", End: "end",
  z: "undo", y: "redo", p: "predict", l: "lecture", k: "play",
};
const WRITES = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]";
const PICTURES = ["tables", "beside", "second"];
const BATCH = 4; // places asked for at once: what is asked for must not be in the way of the next click
const REST = 120; // milliseconds after which a page asks for more
const SETTLED = 200; // milliseconds for which a width is the same before Python hears of it

function render({ model, el }) {
  el.classList.add("uffdsim-stage");
  const film = new Film();
  const painters = {};
  const parts = {};
  let at = 0; // the place that is shown
  let seq = 0; // how often this page has gone somewhere by itself
  let now = model.get("now");
  let asked = null;
  let told = 0; // the width that Python knows of
  let root = null;
  const tell = (what) => model.send(what);
  const live = element("div", "uffdsim-say"); // it stays, or nothing would be read out
  live.setAttribute("aria-live", "polite");
  el.append(live);
  for (const name of ["above", ...PICTURES, "clock", "caption"]) {
    parts[name] = element("div");
    parts[name].dataset.part = name;
    el.append(parts[name]);
  }
  parts.caption.tabIndex = 0; // it scrolls, so keys must reach it
  parts.caption.setAttribute("role", "group");
  parts.caption.setAttribute("aria-label", "What happened");
  dressDocument(model.get("css"), model.get("defs"));
  const clock = new Clock(parts.clock, { go, order, tell, pace: () => model.get("pace"), groups: model.get("clock"), buttons: model.get("buttons") });
  const resized = new ResizeObserver((lists) => lists.forEach(({ target }) => follow(target)));
  let settling = null;
  const roomed = new ResizeObserver(() => {
    clearTimeout(settling);
    settling = setTimeout(room, SETTLED);
  });
  roomed.observe(parts.tables);

  // What Python shows: the place it looks at, and all that has changed.
  function take() {
    now = model.get("now");
    if (now.version !== film.version) film.clear(now.version);
    film.put(now.at, now.frame);
    if (now.seq < seq && now.version === film.version && now.kept) return; // this page has gone on since
    at = now.at;
    show();
  }

  function show() {
    const frame = film.get(at);
    for (const name of PICTURES) draw(name, frame.pictures[name], now.titles[name]);
    words(frame);
    clock.show({ ...now, at });
    live.textContent = frame.say;
    clearTimeout(asked);
    asked = setTimeout(ask, REST);
  }

  function draw(name, picture, title) {
    const box = parts[name];
    box.hidden = !picture;
    if (!picture) return;
    if (!painters[name]) {
      box.append(element("h4"));
      painters[name] = new Painter(box);
    }
    const head = box.querySelector("h4");
    head.hidden = !title;
    head.textContent = head.title = title ?? "";
    painters[name].paint(picture);
  }

  function words({ caption }) {
    const box = parts.caption;
    if (box.html === caption) return;
    const focused = box.contains(document.activeElement) && document.activeElement.id;
    box.html = caption;
    const fresh = element("div");
    fresh.innerHTML = caption;
    become(box, fresh);
    for (const list of box.querySelectorAll("[role=group]")) {
      resized.observe(list);
      requestAnimationFrame(() => follow(list));
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  // Keeps in sight what was done last. It waits for the frame, when all parts have come: asked before, the browser would
  // lay out the page once more.
  function follow(list) {
    const current = list.querySelector("[aria-current]");
    if (current) list.scrollTop = current.offsetTop + current.offsetHeight - list.offsetTop - list.clientHeight + 2;
  }

  // Time. A place that this page knows is shown at once; Python hears of it, and need not answer.
  function go(to) {
    to = Math.max(0, to);
    if (to > now.last) return tell({ do: "next" }); // something is to be said first
    if (to === at) return;
    if (now.fresh) film.drop(now.at); // its words told of what was just done
    const known = film.has(to);
    seq += 1;
    tell({ do: "go", at: to, seq, shown: known });
    if (!known) return;
    at = to;
    now = { ...now, fresh: false };
    show();
  }

  function ask() {
    const wanted = film.wanted(at, now.last, now.ends, BATCH);
    if (wanted.length) tell({ do: "film", at: wanted, version: film.version });
  }

  function heard(message) {
    if (message.film) {
      if (!film.take(message.film)) {
        if (message.film.version === film.version) tell({ do: "anew" });
        return;
      }
      clearTimeout(asked);
      asked = setTimeout(ask, REST);
    }
    if (message.save) save(message.text, message);
    if (message.copy !== undefined) navigator.clipboard?.writeText(message.copy);
  }

  // What buttons, keys and clicks stand for.
  function order(what) {
    if (what === "first") go(0);
    else if (what === "back") go(at - 1);
    else if (what === "next") go(at + 1);
    else if (what === "end") go(now.last);
    else if (what === "back_act") go(Math.max(0, ...now.ends.filter((end) => end < at)));
    else if (what === "next_act") go(now.ends.find((end) => end > at) ?? at + 1);
    else if (what === "play") clock.play(at, now);
    else {
      if (what === "lecture") fill(!root.classList.contains("uffdsim-lecture"));
      clock.stop();
      tell({ do: what });
    }
  }

  function clicked(event) {
    const button = event.target.closest("[data-do]");
    if (button) {
      const what = JSON.parse(button.dataset.do);
      return what.order ? order(what.order) : tell(what);
    }
    const line = event.target.closest("li[data-event]");
    const shapes = document.elementsFromPoint(event.clientX, event.clientY).filter((shape) => el.contains(shape));
    const shape = line ?? shapes.find((one) => one.dataset.event || /^pages? /.test(one.dataset.key));
    if (shape?.dataset.event) return go(Number(shape.dataset.event));
    if (shape) tell({ do: "point", key: shape.dataset.key });
  }

  // Pictures are drawn for the room they have: their words are as large on a narrow page as on a wide one.
  function room() {
    const width = Math.floor(parts.tables.clientWidth);
    if (width && width !== told) tell({ do: "room", with: [(told = width)] });
  }

  // What is folded away is only sent to those who unfold it.
  function folded(event) {
    if (event.target.open !== model.get("wordy")) tell({ do: "words", with: [event.target.open] });
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.stopPropagation(); // else the notebook takes it for one of its own commands
    const what = KEYS[event.key];
    const second = now.names[Number(event.key) - 1]; // 1 to 6
    if (!(what || second) || event.target.closest(WRITES)) return;
    event.preventDefault();
    if (what) order(what);
    else tell({ do: "second", with: [second] });
  }

  // A lecture fills the screen, where the browser allows it.
  function fill(on) {
    if (on) root.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement === root) document.exitFullscreen();
  }

  // Which of two buttons is pressed is told to those who cannot see it.
  function mark() {
    for (const button of root.querySelectorAll(".widget-toggle-button")) {
      const pressed = String(button.classList.contains("mod-active"));
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    }
  }

  const watcher = new MutationObserver(mark);

  function adopt() {
    root = el.closest(".uffdsim-lab") ?? el;
    root.tabIndex = -1; // a click on nothing in particular keeps the keys here
    root.addEventListener("keydown", pressed);
    watcher.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
    mark();
  }

  const above = () => {
    parts.above.innerHTML = model.get("above");
    parts.above.hidden = !model.get("above");
  };
  model.on("change:above", above);
  model.on("change:now", take);
  model.on("msg:custom", heard);
  el.addEventListener("click", clicked);
  el.addEventListener("toggle", folded, true);
  above();
  take();
  requestAnimationFrame(adopt);

  return () => {
    clock.stop();
    clearTimeout(asked);
    clearTimeout(settling);
    roomed.disconnect();
    watcher.disconnect();
    resized.disconnect();
    root?.removeEventListener("keydown", pressed);
  };
}

function element(tag, className = "") {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

// The looks of all pictures of a page, once.
function dressDocument(style, defs) {
  if (document.getElementById("uffdsim-style")) return;
  const sheet = element("style");
  sheet.id = "uffdsim-style";
  sheet.textContent = style;
  document.head.append(sheet);
  const box = element("div");
  box.innerHTML = defs;
  document.body.append(box.firstChild);
}

// Gives a node the children of another, and exchanges none that is the same: the browser looks only at what differs.
function become(old, fresh) {
  const was = [...old.childNodes];
  const is = [...fresh.childNodes];
  let end = null;
  while (was.length && is.length && was.at(-1).isEqualNode(is.at(-1))) {
    end = was.pop();
    is.pop();
  }
  is.forEach((node, i) => {
    if (i >= was.length) old.insertBefore(node, end);
    else if (was[i].isEqualNode(node)) return;
    else if (was[i].nodeType === Node.ELEMENT_NODE && was[i].nodeName === node.nodeName) {
      dress(was[i], Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value])));
      become(was[i], node);
    } else was[i].replaceWith(node);
  });
  for (const left of was.slice(is.length)) left.remove();
}

async function save(text, { save: name, type }) {
  const source = new Blob([text.slice(Math.max(0, text.indexOf("<svg")))], { type: type === "image/png" ? "image/svg+xml" : type });
  if (type !== "image/png") return download(name, source);
  const [width, height] = text.match(/viewBox="0 0 ([\d.]+) ([\d.]+)"/).slice(1).map(Number);
  const image = new Image(width, height);
  image.src = URL.createObjectURL(source);
  await image.decode();
  const canvas = new OffscreenCanvas(2 * width, 2 * height);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  download(name, await canvas.convertToBlob({ type }));
}

function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export default { render };

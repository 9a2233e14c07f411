// The stage of a lab: draws the places of a trace, steps between those it knows without asking Python, and tells Python of
// clicks and keys. What an act does, it leaves to Python. Needs page.js, shelf.js, film.js, clock.js, life.js, menu.js,
// program.js and taken.js before it.

const KEYS = {
  ArrowRight: "next", ArrowLeft: "back", PageDown: "next_act", PageUp: "back_act", Home: "first", End: "end",
  z: "undo", y: "redo", p: "predict", l: "lecture", k: "play",
};
const WRITES = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]";
const PICTURES = ["tables", "beside", "second"];
const BATCH = 4; // places asked for at once: what is asked for must not be in the way of the next click
const REST = 120; // milliseconds after which a page asks for more
const SETTLED = 200; // milliseconds for which a width is the same before Python hears of it

function initialize({ model }) {
  const life = new Life(model, model.widget_manager?.kernel);
  shelve(model);
  return () => life.leave();
}

function render({ model, el }) {
  el.classList.add("uffdsim-stage");
  const film = new Film();
  const painters = {};
  const reaches = {};
  const parts = {};
  let at = 0; // the place that is shown
  let seq = 0; // how often this page has gone somewhere by itself
  let now = model.get("now");
  let asked = null;
  let told = ""; // the widths that Python knows of
  let root = el; // the lab that the stage is part of, as soon as it is
  let meant = null; // the shape for whose offers Python was asked
  let dead = false;
  const tell = (what) => dead || model.send(what);
  const live = element("div", "uffdsim-say"); // it stays, or nothing would be read out
  live.setAttribute("aria-live", "polite");
  el.append(live);
  for (const name of ["above", ...PICTURES, "program", "clock", "caption"]) {
    parts[name] = element("div");
    parts[name].dataset.part = name;
    el.append(parts[name]);
  }
  parts.caption.tabIndex = 0; // it scrolls, so keys must reach it
  parts.caption.setAttribute("role", "group");
  parts.caption.setAttribute("aria-label", "What happened");
  const error = element("div");
  const life = element("div", "uffdsim-life");
  life.setAttribute("role", "alert");
  parts.above.append(life, error);
  dressDocument(model.get("css"), model.get("defs"));
  const clock = new Clock(parts.clock, { go, order, tell, pace: () => model.get("pace"), groups: model.get("clock"), buttons: model.get("buttons") });
  const program = new Program(parts.program);
  const menu = new Menu(el, (act) => {
    clock.stop();
    tell({ do: "act", with: [act] });
  });
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
    makeRoom(frame);
    for (const name of PICTURES) draw(name, frame.pictures[name], now.titles[name]);
    el.classList.toggle("uffdsim-dead", frame.dead);
    program.show(model.get("program"), frame);
    words(frame);
    clock.show({ ...now, at });
    live.textContent = frame.say;
    clearTimeout(asked);
    asked = setTimeout(ask, REST);
  }

  // Room is made as pictures come that are drawn for it; ipywidgets hears of a lecture a little later.
  function makeRoom({ pictures }) {
    el.classList.toggle("uffdsim-two", Boolean(pictures.beside));
    if (root !== el) root.classList.toggle("uffdsim-lecture", now.lecture);
  }

  function draw(name, picture, title) {
    const box = parts[name];
    box.hidden = !picture;
    if (!picture) return;
    if (!painters[name]) {
      box.append(element("h4"));
      painters[name] = new Painter(box);
      reaches[name] = new Reach(painters[name], model.get("offered"));
    }
    const head = box.querySelector("h4");
    head.hidden = !title;
    head.textContent = head.title = title ?? "";
    const focused = box.contains(document.activeElement);
    painters[name].paint(picture);
    reaches[name].mark(model.get("chosen"));
    if (focused && !box.contains(document.activeElement)) reaches[name].focus();
  }

  function words({ caption }) {
    const box = parts.caption;
    if (box.html === caption) return;
    const focused = box.contains(document.activeElement) && (document.activeElement.id || box.dataset.part);
    box.html = caption;
    const fresh = element("div");
    fresh.innerHTML = caption;
    become(box, fresh);
    for (const list of box.querySelectorAll("[role=group]")) {
      resized.observe(list);
      requestAnimationFrame(() => follow(list));
    }
    if (focused && !box.contains(document.activeElement)) (document.getElementById(focused) ?? box).focus();
  }

  // Keeps in sight what was done last. It waits for the frame, when all parts have come: asked before, the browser would
  // lay out the page once more.
  function follow(list) {
    const current = list.querySelector("[aria-current]");
    if (current) list.scrollTop = current.offsetTop + current.offsetHeight - list.offsetTop - list.clientHeight + 2;
  }

  // Time. A place that this page knows is shown at once; Python hears of it, and need not answer.
  function go(to) {
    to = dead ? film.nearest(to) : Math.max(0, to);
    if (to > now.last) return tell({ do: "next" }); // something is to be said first
    if (to === at) return;
    if (now.fresh && !dead) film.drop(now.at); // its words told of what was just done
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
    if (message.offers && meant?.dataset.key === message.offers.key) menu.open(meant, message.offers);
    if (message.save || message.copy) taken(message, root.querySelector(".uffdsim-told"));
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
    else if (!dead) {
      if (what === "lecture") fill(!root.classList.contains("uffdsim-lecture"));
      clock.stop();
      tell({ do: what });
    }
  }

  function clicked(event) {
    // What is folded away is only sent to those who unfold it.
    const fold = event.target.closest("summary")?.parentElement;
    if (fold) {
      event.preventDefault(); // it unfolds as what is in it comes
      return tell({ do: "words", with: [!fold.open] });
    }
    const button = event.target.closest("[data-do]");
    if (button) {
      const what = JSON.parse(button.dataset.do);
      return what.order ? order(what.order) : tell(what);
    }
    const meets = document.elementsFromPoint(event.clientX, event.clientY).filter((shape) => el.contains(shape));
    const shape = event.target.closest("li[data-event], [data-can]") ?? meets.find((one) => one.dataset.event || one.dataset.can);
    if (shape) use(shape);
  }

  // A shape, or a line of the card, is clicked or entered: it is gone to, chosen, or asked what can be done with it.
  function use(shape) {
    clock.stop();
    const { event, can, key } = shape.dataset;
    if (event) return go(Number(event));
    const reach = reaches[shape.closest("[data-part]").dataset.part];
    meant = reach.of(key) ?? shape;
    meant.focus({ preventScroll: true });
    tell({ do: can === "menu" ? "offers" : "point", key });
  }

  function moved(event) {
    const reach = reaches[event.target.closest("[data-part]")?.dataset.part];
    if (event.target.matches("[data-can]")) reach?.stay(event.target);
  }

  // Pictures are drawn for the room they have: their words are as large on a narrow page as on a wide one. Python hears
  // how wide the first is alone, and how wide beside another, or the other would come before there is room for it.
  function room() {
    if (now.lecture) return; // it has its own
    const two = el.classList.contains("uffdsim-two");
    const widths = [false, true].map((beside) => {
      el.classList.toggle("uffdsim-two", beside);
      return Math.floor(parts.tables.clientWidth);
    });
    el.classList.toggle("uffdsim-two", two);
    if (!widths[0] || dead || told === widths.join()) return;
    told = widths.join();
    tell({ do: "room", with: widths });
  }

  // The keys of a lab are its own, else the notebook would take them for commands. JupyterLab hears a key after the lab,
  // Notebook before it, unless what has the focus bears a mark. Left to them are Ctrl and S, say, or Shift and Enter.
  const own = (event) => !(event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter"));

  function veil(event) {
    const { target } = event;
    if (!own(event) || !root.contains(target)) return;
    target.setAttribute("data-lm-suppress-shortcuts", "");
    setTimeout(() => target.removeAttribute("data-lm-suppress-shortcuts")); // it is nobody's business but that key's
  }

  function pressed(event) {
    if (!own(event)) return;
    event.stopPropagation();
    const shape = !event.shiftKey && event.target.closest("[role=button][data-can]");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (shape && (by || event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      return by ? reaches[shape.closest("[data-part]").dataset.part].move(by) : use(shape);
    }
    const what = !event.shiftKey && KEYS[event.key];
    const second = !event.shiftKey && now.names[Number(event.key) - 1]; // 1 to 6
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

  const marker = new MutationObserver(mark);
  const seeker = new MutationObserver(seek);

  // The lab around the stage is there when the page has taken both up, and has its name a little later: ipywidgets gives
  // it then. Nothing is drawn, and no frame comes, while it is out of sight.
  function seek() {
    const found = el.closest(".uffdsim-lab");
    if (found) return adopt(found);
    for (let one = el.parentElement; one; one = one.parentElement) seeker.observe(one, { attributeFilter: ["class"] });
  }

  function adopt(found) {
    seeker.disconnect();
    if (root === found) return;
    root = found;
    root.tabIndex = -1; // a click on nothing in particular keeps the keys here
    root.addEventListener("keydown", pressed);
    marker.observe(root, { subtree: true, childList: true, attributeFilter: ["class"] });
    mark();
    lives();
    room();
  }

  // Where no Python answers, what this page knows can still be looked at, and nothing else.
  function lives() {
    const how = el.closest(".jupyter-widgets-disconnected") ? "gone" : model.get("life") || "";
    dead = how === "gone" || how === "cut";
    life.textContent = model.get("lives")[how] ?? "";
    if (dead && model.get("kept")?.text) life.append(saver(model.get("kept")));
    life.hidden = !how;
    parts.above.hidden = !how && !model.get("above");
    root.classList.toggle("uffdsim-lifeless", dead);
    for (const row of root.children) row.inert = dead && !row.contains(el);
    clock.live(!dead);
    if (dead) clock.stop();
  }

  const above = () => {
    error.innerHTML = model.get("above");
    lives();
  };
  model.on("change:above", above);
  model.on("change:life", lives);
  model.on("change:now", take);
  model.on("change:chosen", () => Object.values(reaches).forEach((reach) => reach.mark(model.get("chosen"))));
  model.on("msg:custom", heard);
  el.addEventListener("click", clicked);
  window.addEventListener("keydown", veil, true);
  el.addEventListener("focusin", moved);
  take();
  above();
  el.append(anchor(seek));

  return () => {
    clock.stop();
    clearTimeout(asked);
    clearTimeout(settling);
    roomed.disconnect();
    marker.disconnect();
    seeker.disconnect();
    resized.disconnect();
    window.removeEventListener("keydown", veil, true);
    root.removeEventListener("keydown", pressed);
  };
}

function element(tag, className = "") {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

// An element without looks that says when it comes into a page, each time it does.
function anchor(came) {
  if (!customElements.get("uffdsim-anchor")) {
    const Anchor = class extends HTMLElement {
      connectedCallback() {
        this.came?.();
      }
    };
    customElements.define("uffdsim-anchor", Anchor);
  }
  return Object.assign(document.createElement("uffdsim-anchor"), { came, hidden: true });
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

export default { initialize, render };

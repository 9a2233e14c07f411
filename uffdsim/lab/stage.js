// The stage of a lab: shows HTML made in Python, and tells Python of clicks and keys. It decides nothing.

const KEYS = {
  ArrowRight: "next", ArrowLeft: "back", PageDown: "next_act", PageUp: "back_act", Home: "first", End: "end",
  z: "undo", y: "redo", p: "predict", l: "lecture", k: "play",
};
const WRITES = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]";

function render({ model, el }) {
  el.classList.add("uffdsim-stage");
  const tell = (what) => model.send(what);
  const live = document.createElement("div"); // it stays, or nothing would be read out
  live.className = "uffdsim-say";
  live.setAttribute("aria-live", "polite");
  el.append(live);
  const rules = new Set();
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const resized = new ResizeObserver((lists) => lists.forEach(({ target }) => follow(target)));
  let timer = null;
  let root = null;

  function show(name) {
    let box = el.querySelector(`:scope > [data-part="${name}"]`);
    if (!box) {
      box = document.createElement("div");
      box.dataset.part = name;
      if (name === "caption") {
        box.tabIndex = 0; // it scrolls, so keys must reach it
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", "What happened");
      }
      el.append(box);
    }
    const html = model.get(name);
    if (box.html === html) return;
    const focused = box.contains(document.activeElement) && document.activeElement.id;
    box.html = html;
    become(box, undressed(html));
    box.hidden = !html;
    for (const list of box.querySelectorAll("[role=group]")) {
      resized.observe(list);
      requestAnimationFrame(() => follow(list));
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  // Keeps in sight what was done last. It waits for the frame, when all parts have come: asked before, the browser would
  // lay out the page once more.
  function follow(list) {
    const now = list.querySelector("[aria-current]");
    if (now) list.scrollTop = now.offsetTop + now.offsetHeight - list.offsetTop - list.clientHeight + 2;
  }

  // Pictures bring their style along. Each line of it is taken once: a style that comes and goes would make the
  // browser look at the whole page again.
  function undressed(html) {
    const fresh = document.createElement("div");
    fresh.innerHTML = html;
    const known = rules.size;
    for (const style of fresh.querySelectorAll("style")) {
      for (const line of style.textContent.split("\n")) rules.add(line);
      style.remove();
    }
    if (rules.size > known) sheet.replaceSync([...rules].join("\n"));
    return fresh;
  }

  function clicked(event) {
    const button = event.target.closest("[data-do]");
    if (button) return tell(JSON.parse(button.dataset.do));
    const line = event.target.closest("li[data-event]");
    const shapes = document.elementsFromPoint(event.clientX, event.clientY).filter((shape) => el.contains(shape));
    const shape = line ?? shapes.find((one) => one.dataset.event || /^pages? /.test(one.dataset.key));
    if (shape?.dataset.event) return tell({ do: "go", at: Number(shape.dataset.event) });
    if (shape) tell({ do: "point", key: shape.dataset.key });
  }

  // What is folded away is only sent to those who unfold it.
  function folded(event) {
    if (event.target.open !== model.get("wordy")) tell({ do: "words", with: [event.target.open] });
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.stopPropagation(); // else the notebook takes it for one of its own commands
    const what = KEYS[event.key];
    if (!what || event.target.closest(WRITES)) return;
    event.preventDefault();
    if (what === "lecture") fill(!root.classList.contains("uffdsim-lecture"));
    tell({ do: what });
  }

  // A lecture fills the screen, where the browser allows it.
  function fill(on) {
    if (on) root.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement === root) document.exitFullscreen();
  }

  function idle() {
    if (root) root.dataset.idle = model.get("idle").join(" ");
  }

  function play() {
    clearInterval(timer);
    timer = model.get("playing") ? setInterval(() => tell({ do: "tick" }), model.get("pace")) : null;
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
    root.querySelector(".uffdsim-lecture-button")?.addEventListener("click", () =>
      fill(!root.classList.contains("uffdsim-lecture")));
    idle();
    watcher.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
    mark();
  }

  function told(message) {
    if (message.save) save(message.of ? model.get(message.of) : message.text, message);
    if (message.copy !== undefined) navigator.clipboard?.writeText(message.copy);
  }

  const speak = () => {
    live.textContent = model.get("say");
  };
  model.on("change:say", speak);
  speak();
  for (const name of model.get("parts")) {
    show(name);
    model.on(`change:${name}`, () => show(name));
  }
  el.addEventListener("click", clicked);
  el.addEventListener("toggle", folded, true);
  model.on("change:playing", play);
  model.on("change:idle", idle);
  model.on("msg:custom", told);
  requestAnimationFrame(adopt);
  play();

  return () => {
    clearInterval(timer);
    watcher.disconnect();
    resized.disconnect();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    root?.removeEventListener("keydown", pressed);
  };
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
      dress(was[i], node);
      become(was[i], node);
    } else was[i].replaceWith(node);
  });
  for (const left of was.slice(is.length)) left.remove();
}

function dress(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
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

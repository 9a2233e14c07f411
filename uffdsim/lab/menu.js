// Pictures as controls: the shapes that can be used, by mouse or by keys, and the menu of what can be done there. Which
// keys of shapes are meant, and what is offered, Python says (`offers.py`). Needs page.js before it.

// The shapes of one picture that can be used: Tab reaches one of them, and arrows up and down lead to the others.
class Reach {
  constructor(painter, patterns) {
    const [choose, menu] = patterns.map((one) => new RegExp(`^(${one})$`));
    this.painter = painter;
    this.uses = patterns.length ? { choose, menu } : {};
    this.ids = [];
    this.at = null; // the one that Tab reaches
  }

  // What a shape is good for: a place to go to, something to choose, or a menu; undefined for nothing.
  use({ key, event }) {
    if (key.startsWith("event ") && event !== null) return "go";
    return Object.keys(this.uses).find((use) => this.uses[use].test(key));
  }

  // After the picture was painted: tells all shapes what they are good for, and the first of each key how it is called.
  mark(chosen) {
    const { elements, picture } = this.painter;
    const told = {};
    for (const { key, text } of picture.shapes) if (key && text) (told[key] ??= []).push(text);
    const found = new Map();
    names(picture.shapes).forEach((id, i) => {
      const shape = picture.shapes[i];
      const use = this.use(shape);
      if (!use) return;
      const element = elements.get(id);
      set(element, "data-can", use);
      if (found.has(shape.key) || shape.kind !== { choose: "text", menu: "rect", go: shape.kind }[use]) return;
      found.set(shape.key, { id, shape });
      const is = chosen.includes(shape.key);
      set(element, "role", "button");
      const says = told[shape.key] ?? [];
      set(element, "aria-label", { choose: shape.key, go: shape.tip || says.join(" "), menu: `${shape.key}: ${says.join(", ")}` }[use]);
      if (use === "menu") set(element, "aria-haspopup", "menu");
      if (use === "choose") set(element, "aria-pressed", is);
      element.toggleAttribute("data-chosen", is);
    });
    // In the order in which one reads, and events as they happened.
    const order = ({ shape: { event, y, x } }) => [event ?? 0, event ? 0 : Math.round(y / 8), event ? 0 : x];
    const sorted = [...found.values()].sort((a, b) => order(a).reduce((less, one, i) => less || one - order(b)[i], 0));
    const place = Math.max(this.ids.indexOf(this.at), 0);
    this.ids = sorted.map(({ id }) => id);
    if (!this.ids.includes(this.at)) this.at = this.ids[Math.min(place, this.ids.length - 1)];
    for (const id of this.ids) set(elements.get(id), "tabindex", id === this.at ? 0 : -1);
  }

  // The shape that stands for a key, or the one of it that can be focused.
  of(key) {
    const id = this.ids.find((one) => this.painter.drawn.get(one).key === key);
    return id && this.painter.elements.get(id);
  }

  // Tab comes back here.
  stay(element) {
    const { elements } = this.painter;
    this.at = this.ids.find((id) => elements.get(id) === element) ?? this.at;
    for (const id of this.ids) set(elements.get(id), "tabindex", id === this.at ? 0 : -1);
  }

  move(by) {
    const next = this.ids[this.ids.indexOf(this.at) + by];
    if (next) this.painter.elements.get(next).focus();
  }

  // Where the focus goes when what had it is no longer drawn.
  focus() {
    this.painter.elements.get(this.at)?.focus();
  }
}

// What can be done with one shape: a group for each who can do something, beside the shape, above everything else.
class Menu {
  constructor(host, done) {
    this.done = done;
    this.box = element("div", "uffdsim-menu");
    this.box.popover = "auto"; // a click elsewhere and Escape close it, and the focus goes back to the shape
    this.box.setAttribute("role", "menu");
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.box.addEventListener("wheel", (event) => event.stopPropagation());
    host.append(this.box);
  }

  get isOpen() {
    return this.box.matches(":popover-open");
  }

  open(shape, { about, groups }) {
    this.box.setAttribute("aria-label", about);
    const head = element("div", "uffdsim-about");
    head.textContent = about;
    head.setAttribute("aria-hidden", "true");
    this.box.replaceChildren(head, ...groups.map((group) => this.group(group)));
    if (!groups.length) this.box.append(this.item("nothing can be done here", null));
    if (!this.isOpen) this.box.showPopover();
    const [at, me, picture] = [shape, this.box, shape.ownerSVGElement].map((one) => one.getBoundingClientRect());
    const below = at.bottom + 4 + me.height <= innerHeight || at.top < me.height + 8;
    this.box.style.left = `${Math.max(4, Math.min(at.left, Math.max(picture.left, picture.right - me.width), innerWidth - me.width - 4))}px`;
    this.box.style.top = `${Math.max(4, below ? Math.min(at.bottom + 4, innerHeight - me.height - 4) : at.top - me.height - 4)}px`;
    (this.items.find((item) => !item.ariaDisabled) ?? this.items[0]).focus({ preventScroll: true });
  }

  group({ who, whyNot, offers }) {
    const group = element("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", who);
    const name = element("b");
    name.textContent = who;
    name.setAttribute("aria-hidden", "true");
    group.append(name, ...(whyNot ? [this.item(whyNot, null)] : offers.map(([text, act]) => this.item(text, act))));
    return group;
  }

  item(text, act) {
    const item = element("button", "uffdsim-chip");
    Object.assign(item, { type: "button", textContent: text, tabIndex: -1 });
    item.setAttribute("role", "menuitem");
    if (!act) item.setAttribute("aria-disabled", "true");
    item.addEventListener("click", (event) => {
      event.stopPropagation();
      if (!act) return;
      this.close();
      this.done(act);
    });
    return item;
  }

  get items() {
    return [...this.box.querySelectorAll("button")];
  }

  close() {
    if (this.isOpen) this.box.hidePopover();
  }

  pressed(event) {
    event.stopPropagation();
    const here = document.activeElement;
    const { items } = this;
    const to = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.line(here, 1), ArrowUp: this.line(here, -1) }[event.key];
    if (event.key === "Tab") this.close();
    else if (event.key === "Home" || event.key === "End") items.at(event.key === "Home" ? 0 : -1).focus();
    else if (to) items[(items.indexOf(here) + to + items.length) % items.length].focus();
    else return;
    event.preventDefault();
  }

  // How many items it is to the nearest one in the next line, or the one before.
  line(here, way) {
    const { items } = this;
    const from = here.getBoundingClientRect();
    const far = items.map((item) => item.getBoundingClientRect()).map(({ top, left }) => [way * (top - from.top), Math.abs(left - from.left)]);
    const next = Math.min(...far.map(([down]) => (down > 1 ? down : Infinity)));
    const line = far.map(([down, aside], i) => [Math.abs(down - next) < 2 ? aside : Infinity, i]).sort(([a], [b]) => a - b);
    return next === Infinity ? way : line[0][1] - items.indexOf(here);
  }
}

function set(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

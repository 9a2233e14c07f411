// Draws pictures as SVG: shapes that `frames.py` made. Of what is there already, only what differs is changed, so that
// what stands for the same thing moves instead of being drawn anew.

const SVG = "http://www.w3.org/2000/svg";
const GLIDE = 260; // milliseconds; the stylesheet says the same
const FIELDS = {
  rect: ["x", "y", "w", "h", "role", "round", "key", "event", "tip"],
  text: ["x", "y", "text", "role", "size", "anchor", "bold", "mono", "angle", "halo", "key", "event", "tip"],
  line: ["points", "role", "arrow", "curve", "key", "event", "tip"],
};
const DEFAULTS = {
  rect: { round: 4, key: "", event: null, tip: "" },
  text: { role: "text", size: 12, anchor: "start", bold: false, mono: false, angle: 0, halo: false, key: "", event: null, tip: "" },
  line: { arrow: false, curve: false, key: "", event: null, tip: "" },
};
const TAGS = { rect: "rect", text: "text", line: "path" };

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const name = (role) => `uffdsim-${role.replaceAll(" ", "-")}`;
const number = (value) => String(Math.round(value * 10) / 10 + 0);

function unpacked([kind, ...values]) {
  const shape = { kind, ...DEFAULTS[kind] };
  FIELDS[kind].forEach((field, i) => {
    if (i < values.length) shape[field] = values[i];
  });
  return shape;
}

// The pictures that frames make, one after the other. Each is worked out once.
function unfolded({ shapes, frames }) {
  const whole = shapes.map(unpacked);
  let list = [];
  return frames.map(({ edits, ...head }) => {
    list = [...list];
    for (const [at, gone, ...come] of edits) list.splice(at, gone, ...come);
    return { ...head, shapes: list.map((index) => whole[index]) };
  });
}

function same(one, other) {
  return one === other || (one && FIELDS[one.kind].every((field) => one[field] === other[field] || (field === "points" && String(one.points) === String(other.points))));
}

function attributes(shape) {
  const known = { class: name(shape.role) };
  if (shape.key) known["data-key"] = shape.key;
  if (shape.event !== null) known["data-event"] = shape.event;
  if (shape.kind === "rect") {
    Object.assign(known, { x: number(shape.x), y: number(shape.y), width: number(shape.w), height: number(shape.h), rx: number(shape.round) });
  } else if (shape.kind === "line") {
    const points = shape.points.map(([x, y]) => `${number(x)} ${number(y)}`);
    known.d = shape.curve ? `M${points[0]}C${points.slice(1).join(" ")}` : `M${points.join("L")}`;
    if (shape.arrow) known["marker-end"] = `url(#${name(shape.role)}-head)`;
  } else {
    known.class = [`${name(shape.role)}-ink`, shape.bold && "uffdsim-bold", shape.mono && "uffdsim-mono", shape.halo && "uffdsim-halo"]
      .filter(Boolean).join(" ");
    const turn = shape.angle ? ` rotate(${number(shape.angle)}deg)` : "";
    known.style = `transform: translate(${number(shape.x)}px, ${number(shape.y)}px)${turn}`;
    known.y = number(0.36 * shape.size);
    known["font-size"] = number(shape.size);
    known["text-anchor"] = shape.anchor;
  }
  return known;
}

function dress(element, known) {
  for (const { name } of [...element.attributes]) if (!(name in known)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(known)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

// What stands for the same thing has the same name in every picture: its key, and which of those with that key it is.
function names(shapes) {
  const seen = new Map();
  return shapes.map(({ kind, key, role }) => {
    const id = `${kind} ${key || role}`;
    seen.set(id, (seen.get(id) ?? 0) + 1);
    return `${id} ${seen.get(id)}`;
  });
}

// Shapes that have just come. All are looked at before any of them moves: so the browser works out their looks once.
function come(those) {
  if (!those.length || still()) return;
  const drawn = ({ kind, arrow }, element) => kind === "line" && arrow && getComputedStyle(element).strokeDasharray === "none";
  const lengths = those.map(([element, shape]) => drawn(shape, element) && element.getTotalLength());
  those.forEach(([element], i) => {
    const length = lengths[i];
    if (!length) return element.animate([{ opacity: 0 }, { opacity: 1 }], GLIDE);
    const dash = `${length} ${length}`; // an arrow draws itself
    element.animate([{ strokeDasharray: dash, strokeDashoffset: length }, { strokeDasharray: dash, strokeDashoffset: 0 }], GLIDE);
  });
}

// One picture on a page, in an SVG element of its own.
class Painter {
  constructor(host) {
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "uffdsim-picture");
    this.elements = new Map();
    this.drawn = new Map();
    this.picture = null;
    host.append(this.svg);
  }

  paint(picture) {
    if (picture === this.picture) return;
    const first = !this.picture;
    this.picture = picture;
    dress(this.svg, {
      class: "uffdsim-picture", viewBox: `0 0 ${number(picture.width)} ${number(picture.height)}`,
      role: "group", "aria-label": picture.sentence, "data-name": picture.name,
    });
    const ids = names(picture.shapes);
    const stay = new Set(ids);
    for (const [id, element] of this.elements) {
      if (stay.has(id)) continue;
      element.remove();
      this.elements.delete(id);
      this.drawn.delete(id);
    }
    let next = this.svg.firstChild;
    const fresh = [];
    picture.shapes.forEach((shape, i) => {
      const id = ids[i];
      let element = this.elements.get(id);
      if (!element) {
        element = document.createElementNS(SVG, TAGS[shape.kind]);
        this.elements.set(id, element);
        fresh.push([element, shape]);
      }
      if (!same(this.drawn.get(id), shape)) this.draw(element, shape, id);
      if (element === next) next = next.nextSibling;
      else this.svg.insertBefore(element, next);
    });
    if (!first) come(fresh);
  }

  draw(element, shape, id) {
    dress(element, attributes(shape));
    const was = this.drawn.get(id);
    if (!was || was.text !== shape.text || was.tip !== shape.tip) {
      element.textContent = shape.text ?? "";
      if (shape.tip) element.appendChild(document.createElementNS(SVG, "title")).textContent = shape.tip;
    }
    this.drawn.set(id, shape);
  }
}

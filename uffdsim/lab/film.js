// What a page knows of the places of a trace: pictures and words of each, so that time needs nobody's answer. They come
// in batches; a shape that many of them share comes once.

class Film {
  constructor() {
    this.clear(null);
  }

  clear(version) {
    this.version = version;
    this.frames = new Map();
    this.decks = {}; // the shapes known of each picture, and the list that the last frame of it was made of
  }

  // One frame, whole.
  put(at, { pictures, ...words }) {
    const drawn = Object.entries(pictures).map(([name, { shapes, ...head }]) => [name, { ...head, shapes: shapes.map(unpacked) }]);
    this.frames.set(at, { pictures: Object.fromEntries(drawn), ...words });
  }

  // A batch, if it is of what is shown, and follows on what is known.
  take({ version, decks, frames }) {
    if (version !== this.version) return false;
    for (const [name, { from, shapes }] of Object.entries(decks)) {
      const deck = (this.decks[name] ??= { shapes: [], list: [] });
      if (deck.shapes.length !== from) return false;
      deck.shapes.push(...shapes.map(unpacked));
    }
    for (const { at, pictures, ...words } of frames) {
      const drawn = {};
      for (const [name, { edits, ...head }] of Object.entries(pictures)) {
        const deck = this.decks[name];
        deck.list = [...deck.list];
        for (const [place, gone, ...come] of edits) deck.list.splice(place, gone, ...come);
        drawn[name] = { ...head, shapes: deck.list.map((index) => deck.shapes[index]) };
      }
      if (!this.frames.has(at)) this.frames.set(at, { pictures: drawn, ...words });
    }
    return true;
  }

  has(at) {
    return this.frames.has(at);
  }

  // The place that is known and comes nearest to another.
  nearest(to) {
    return [...this.frames.keys()].reduce((best, one) => (Math.abs(one - to) < Math.abs(best - to) ? one : best));
  }

  get(at) {
    return this.frames.get(at);
  }

  drop(at) {
    this.frames.delete(at);
  }

  // The next places that are not known yet: those that a step leads to first, then all others, from here outwards.
  wanted(at, end, ends, most) {
    const near = [at + 1, at - 1, at + 2, at - 2, ...ends.filter((one) => one > at).slice(0, 1), ...ends.filter((one) => one < at).slice(-1), 0];
    const far = [];
    for (let d = 3; d <= end; d += 1) far.push(at + d, at - d);
    return [...new Set([...near, ...far])].filter((one) => one >= 0 && one <= end && !this.has(one)).slice(0, most);
  }
}

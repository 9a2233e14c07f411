// Whether there is a Python behind a lab, as far as a page can know: "" (all is well), "gone" (for ever), "cut" (no way
// there, or no answer), "busy" (with something else, while somebody waits). It stands in the model as `life`.
//
// A kernel that Jupyter's server starts anew says "autorestarting", which ipywidgets does not hear.

const ENDS = ["restarting", "autorestarting", "terminating", "dead"];
const GRACE = 800; // milliseconds in which a broken connection may come back unnoticed
const PATIENCE = 1500; // milliseconds after which somebody who waits for an answer is told
const LATE = 100; // milliseconds after which an alarm is late: the page itself was busy
const QUIET = ["film", "room", "anew", "go", "hello", "shelved"]; // said by a page itself: nobody waits

class Life {
  constructor(model, kernel) {
    this.model = model;
    this.kernel = kernel;
    this.asked = new Map(); // the messages that Python has not begun with, the first first: since when, and who waits
    this.alarm = null;
    this.due = Infinity; // when it rings
    this.over = false;
    model.on("comm_live_update", () => this.end());
    model.on("comm:close", () => this.end());
    if (!kernel) return;
    this.slots = {
      statusChanged: (_, status) => this.hear(status),
      connectionStatusChanged: (_, status) => this.meet(status === "connected"),
      anyMessage: (_, { msg, direction }) => (direction === "send" ? this.sent(msg) : this.got(msg)),
      disposed: () => this.end(),
    };
    for (const [signal, slot] of Object.entries(this.slots)) kernel[signal].connect(slot);
  }

  leave() {
    this.over = true;
    clearTimeout(this.alarm);
    for (const [signal, slot] of Object.entries(this.slots ?? {})) this.kernel[signal].disconnect(slot);
  }

  end() {
    this.over = true;
    this.tell();
  }

  hear(status) {
    if (ENDS.includes(status)) this.end();
    else if (this.asked.size) this.look(PATIENCE);
  }

  meet(connected) {
    for (const message of this.asked.values()) Object.assign(message, { at: Date.now(), calls: false }); // a call may be lost
    this.look(connected ? 0 : GRACE);
  }

  sent({ header, content }) {
    if (header.msg_type !== "comm_msg") return;
    const what = content.data?.content?.do;
    this.asked.set(header.msg_id, { at: Date.now(), waits: !QUIET.includes(what), calls: what === "hello" });
    this.look(PATIENCE);
  }

  // Messages are answered in their order: those before one that is answered have been, or were lost on their way.
  got({ parent_header: { msg_id: id } }) {
    if (!this.asked.has(id)) return;
    for (const before of [...this.asked.keys()]) {
      this.asked.delete(before);
      if (before === id) break;
    }
    if (this.model.get("life")) this.tell();
  }

  // There is one alarm, the earliest. If it rings late, the page itself was busy: what has come meanwhile is read first.
  look(after, again = false) {
    const due = Date.now() + after;
    if (due >= this.due) return;
    clearTimeout(this.alarm);
    this.due = due;
    this.alarm = setTimeout(() => {
      this.due = Infinity;
      if (this.over) return;
      if (Date.now() > due + LATE && !again) return this.look(LATE, true);
      this.tell();
      const next = [...this.asked.values()].map(({ at }) => at + PATIENCE - Date.now()).find((left) => left > 0);
      if (next) this.look(next);
    }, after);
  }

  now() {
    if (this.over) return "gone";
    if (this.kernel && this.kernel.connectionStatus !== "connected") return "cut";
    const late = [...this.asked.values()].filter(({ at }) => Date.now() - at > PATIENCE - 100);
    if (!late.length) return "";
    if (this.kernel.status === "idle") return "cut";
    return late.some(({ waits }) => waits) ? "busy" : "";
  }

  tell() {
    const now = this.now();
    this.model.set("life", now);
    const cut = now === "cut" && this.kernel.connectionStatus === "connected";
    // Who answers, is there. One call is enough for all labs of a page: each hears every other's, and calls that were
    // answered by more calls would never end.
    if (cut && ![...this.asked.values()].some(({ calls }) => calls)) this.model.send({ do: "hello" });
  }
}

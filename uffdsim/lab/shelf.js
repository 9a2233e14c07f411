// What a reader's browser keeps of their work, as a server that ends may take its files along. A model's `kept` has the
// `name` of the work, the `session` that it was done in, and its `text`. Of each name, the last few sessions are kept.

const SHELF = "uffdsim ";
const PLACES = 5;

// Tells Python what other sessions have left under this name, and keeps what is done in this one.
function shelve(model) {
  const { name, session } = model.get("kept") ?? {};
  if (!name) return;
  const others = () => onShelf(name).filter((one) => one.session !== session);
  const there = others();
  if (there.length) model.send({ do: "shelved", others: there });
  model.on("change:kept", () => {
    const { text } = model.get("kept");
    const rest = others().filter((one) => one.text !== text); // what was taken up goes on here
    const places = [{ session, when: Date.now(), text }, ...rest].slice(0, PLACES);
    try {
      localStorage.setItem(SHELF + name, JSON.stringify(places));
    } catch {
      // no room, or not allowed: the files beside the notebook have it
    }
  });
}

function onShelf(name) {
  try {
    const there = JSON.parse(localStorage.getItem(SHELF + name));
    return Array.isArray(there) ? there : [];
  } catch {
    return []; // not allowed, or nothing that can be read
  }
}

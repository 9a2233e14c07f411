// What is taken away from a lab: copied, or saved as a file; and a word that it was.

const NOT_COPIED = "This browser does not let a page copy: select the text, and copy it yourself.";

// Does what a message asks for, and says beside the buttons, and to those who only hear, how that went.
async function taken(message, told) {
  told.textContent = "";
  try {
    if (message.save) await save(message.text, message);
    else await copy(message.copy);
    told.textContent = message.save ? `Saved as ${message.save}.` : "Copied.";
  } catch (error) {
    told.textContent = message.save ? `It could not be saved: ${error.message}.` : NOT_COPIED;
  }
}

// Where a page is not trusted with the clipboard (one that came without encryption is not), the older way may be open.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const focused = document.activeElement;
  const box = element("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  focused?.focus();
  if (!done) throw new Error("not allowed");
}

// A button that saves without Python what was done.
function saver({ name, text }) {
  const button = element("button", "uffdsim-chip");
  const title = "How do I keep it, whatever becomes of Jupyter?";
  Object.assign(button, { type: "button", textContent: "Save it as a file", title });
  button.addEventListener("click", () => download(`${name}.json`, new Blob([text], { type: "application/json" })));
  return button;
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

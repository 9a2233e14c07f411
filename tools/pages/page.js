// A page of the site: its theme, its questions, and its labs, as soon as what they show has come.

function theme() {
  const { dataset } = document.documentElement;
  document.querySelector(".site-theme").addEventListener("click", () => {
    dataset.theme = dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", dataset.theme);
  });
}

// What was chosen is answered; and what happens then is shown with it.
function answered(event) {
  const form = event.target;
  if (!form.matches(".site-ask")) return;
  event.preventDefault();
  const said = form.querySelector("[role=status]");
  const chosen = form.querySelectorAll("input:checked");
  const verdict = chosen.length === 1 && form.querySelector(`template[data-choice="${chosen[0].value}"]`);
  said.replaceChildren(...[verdict, form.querySelector("template[data-after]")].filter(Boolean).map((one) => one.content.cloneNode(true)));
  said.querySelectorAll("[data-truth]").forEach((one, i) => one.prepend(one.dataset.truth === chosen[i].value ? "✓ " : "✗ "));
}

// Called by the page's data.
function uffdsimLabs(labs) {
  for (const lab of document.querySelectorAll(".site-lab")) bring(lab, labs[lab.dataset.lab], SHARED);
}

theme();
document.addEventListener("submit", answered);

"""What the page of the blind study does, as JavaScript: shows, listens, counts seconds, saves."""

SCRIPT = """
"use strict";
const quiz = JSON.parse(document.getElementById("quiz").textContent);
const total = quiz.images.length;
const answers = [];
const seconds = new Array(total).fill(0);
const part = (id) => document.getElementById(id);
const glance = 200;  // milliseconds: nobody answers sooner, but for the second click of a double one
let person = "", shownAt = 0, saved = false, listening = false;

function only(id) {
  for (const screen of ["start", "asking", "end"]) part(screen).hidden = screen !== id;
  listening = id === "asking";
}

async function show() {
  const number = answers.length;
  part("undo").disabled = number === 0;
  part("progress").value = number;
  if (number === total) { finish(); return; }
  only("asking");
  listening = false;  // until it is seen
  const image = part("image");
  image.src = "data:image/png;base64," + quiz.images[number];
  image.alt = "Image " + (number + 1) + " of " + total;
  await image.decode();
  part("status").textContent = "Image " + (number + 1) + " of " + total;
  shownAt = performance.now();
  await new Promise((seen) => setTimeout(seen, glance));
  listening = true;
}

function leave() {
  seconds[answers.length] += (performance.now() - shownAt) / 1000;
  listening = false;
}

function answer(word) {
  if (!listening) return;
  leave();
  answers.push(word);
  show();
}

function undo() {
  if (answers.length === 0 || !(listening || !part("end").hidden)) return;
  if (listening) leave();
  answers.pop();
  saved = false;
  show();
}

function finish() {
  only("end");
  part("done").textContent = "All " + total + " images are answered. Thank you, " + person + ".";
  part("save").focus();
}

function save() {
  const text = JSON.stringify({
    quiz: quiz.quiz, person: person, answers: answers,
    seconds: seconds.map((one) => Math.round(one * 1000) / 1000),
  }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], {type: "application/json"}));
  link.download = "answers-" + person + ".json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  saved = true;
  part("where").textContent = "Saved as " + link.download + ", where your browser puts downloads. "
    + "Send that file back to whoever gave you this page.";
}

const KEYS = {
  r: () => answer("real"), ArrowLeft: () => answer("real"),
  s: () => answer("synthetic"), ArrowRight: () => answer("synthetic"),
  u: undo, Backspace: undo,
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || part("start").hidden === false) return;
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  if (!event.repeat) action();  // a key held down is one answer
});
part("start").addEventListener("submit", (event) => {
  event.preventDefault();
  person = part("person").value.trim();
  part("person").blur();
  show();
});
part("real").addEventListener("click", () => answer("real"));
part("synthetic").addEventListener("click", () => answer("synthetic"));
for (const id of ["undo", "back"]) part(id).addEventListener("click", undo);
part("save").addEventListener("click", save);
window.addEventListener("beforeunload", (event) => {
  if (answers.length && !saved) event.preventDefault();
});
part("progress").max = total;
"""

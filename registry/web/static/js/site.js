// Small helps on top of pages that work without them: `/` goes to the search, hashes can be copied, a PDF can be dropped.
"use strict";

document.documentElement.classList.add("js");

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.getElementById("search");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.done = "";
  document.getElementById("announcements").textContent = button.dataset.copied;
  setTimeout(() => delete button.dataset.done, 1500);
});

for (const area of document.querySelectorAll(".drop")) {
  const input = area.querySelector("input[type=file]");
  const form = area.closest("form");
  const prevent = (event) => event.preventDefault();
  area.addEventListener("dragover", (event) => { prevent(event); area.classList.add("over"); });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    prevent(event);
    area.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}

// A form that takes a while says so, and is not sent twice.
addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-busy]");
  if (!button) return;
  button.textContent = button.dataset.busy;
  button.disabled = true;
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// What is folded away on the screen but belongs on paper.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.print-open:not([open])")) {
    fold.open = true;
    fold.dataset.opened = "";
  }
});
addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details[data-opened]")) {
    fold.open = false;
    delete fold.dataset.opened;
  }
});
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

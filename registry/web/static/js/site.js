// Small helps on top of pages that work without them: `/` goes to the search, hashes can be copied, files can be dropped,
// rows ticked together, agencies proposed while one types.
"use strict";

document.documentElement.classList.add("js");

// On a phone the navigation is wider than the screen: where one is comes into view.
const here = document.querySelector(".side [aria-current]");
if (here) {
  const strip = here.closest(".side");
  strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}

// What has to be put right names its field by the words above it, and is heard first.
const summary = document.querySelector(".error-summary");
if (summary) {
  for (const link of summary.querySelectorAll("a[href^='#']")) {
    const label = document.querySelector(`label[for="${CSS.escape(link.hash.slice(1))}"]`);
    if (label) link.prepend(`${label.firstChild.textContent.trim()}: `);
  }
  summary.focus();
}

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

// Ticking rows of a list: all of the page at once, and how many are ticked.
const selection = document.getElementById("selection");
if (selection) {
  const boxes = [...document.querySelectorAll('input[name="id"][form="selection"]')];
  const page = selection.querySelector("[data-tick-all]");
  const every = selection.querySelector('[name="rows"]');
  const counter = selection.querySelector("[data-counter]");
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    page.checked = boxes.length > 0 && ticked === boxes.length;
    page.indeterminate = ticked > 0 && ticked < boxes.length;
    counter.textContent = every.checked ? counter.dataset.every
      : ticked ? counter.dataset.some.replace("{count}", ticked) : counter.dataset.none;
  };
  page.addEventListener("change", () => { for (const box of boxes) box.checked = page.checked; });
  addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}

// A field that proposes while one types (a combobox of the ARIA patterns): htmx fetches, the keyboard chooses.
for (const input of document.querySelectorAll("input[data-options]")) {
  const list = document.getElementById(input.dataset.options);
  const options = () => [...list.querySelectorAll("[data-value]")];
  const active = () => list.querySelector('[aria-selected="true"]');
  let chosen = input.value;
  // What is proposed for an earlier text is shown on while the answer is awaited, and cannot be taken by the keyboard.
  let isCurrent = false;
  const mark = (option) => {
    for (const each of options()) each.setAttribute("aria-selected", each === option);
    if (option) option.scrollIntoView({ block: "nearest" });
    option ? input.setAttribute("aria-activedescendant", option.id) : input.removeAttribute("aria-activedescendant");
  };
  const open = (isOpen) => {
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", isOpen);
    if (!isOpen) mark(null);
  };
  const choose = (option) => {
    chosen = input.value = option.dataset.value;
    isCurrent = false;
    open(false);
    input.dispatchEvent(new CustomEvent("chosen"));
  };
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id]]) input.setAttribute(name, value);
  open(false);
  list.addEventListener("htmx:afterSwap", () => {
    isCurrent = true;
    if (document.activeElement !== input || input.value === chosen) return;
    open(input.value.trim() !== "");
    document.getElementById("announcements").textContent = input.dataset.found.replace("{count}", options().length);
  });
  input.addEventListener("input", () => {
    chosen = null;
    isCurrent = false;
    mark(null);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "Escape" && !list.hidden) {
      open(false);
      event.preventDefault();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      if (!isCurrent) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = list.hidden || !active() ? (step === 1 ? -1 : 0) : all.indexOf(active());
      open(true);
      mark(all[(from + step + all.length) % all.length]);
    } else if (event.key === "Enter" && !list.hidden && active()) {
      event.preventDefault();
      choose(active());
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-value]");
    if (option) choose(option);
  });
  input.addEventListener("blur", () => open(false));
}

// Several agencies: what stands in the lines of a text is shown as a list, to which the field that proposes adds.
for (const several of document.querySelectorAll("[data-lines]")) {
  const lines = document.getElementById(several.dataset.lines);
  const list = several.querySelector("ul");
  const next = several.querySelector("input");
  const read = () => lines.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const write = (all) => { lines.value = [...new Set(all)].join("\n"); show(); };
  const show = () => {
    list.replaceChildren(...read().map((line) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "take-out";
      button.textContent = "×";
      button.setAttribute("aria-label", several.dataset.takeOut.replace("{agency}", line));
      button.addEventListener("click", () => { write(read().filter((other) => other !== line)); next.focus(); });
      item.append(line, button);
      return item;
    }));
  };
  const take = () => {
    if (next.value.trim()) write([...read(), next.value.trim()]);
    next.value = "";
  };
  next.addEventListener("chosen", take);
  next.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || !next.value.trim()) return;
    event.preventDefault();
    take();
  });
  lines.form.addEventListener("submit", take, { capture: true });
  document.querySelector(`label[for="${lines.id}"]`).htmlFor = next.id;
  lines.hidden = true;
  several.hidden = false;
  show();
}

// A day is typed as dd/mm/yyyy; the calendar of the browser, which speaks the language of the machine, only picks one.
for (const button of document.querySelectorAll("[data-pick]")) {
  const input = document.getElementById(button.dataset.pick);
  const picker = document.createElement("input");
  if (!input || !picker.showPicker) continue;
  picker.type = "date";
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  button.after(picker);
  button.hidden = false;
  button.addEventListener("click", () => {
    const typed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(input.value.trim());
    picker.value = typed ? `${typed[3]}-${typed[2].padStart(2, "0")}-${typed[1].padStart(2, "0")}` : "";
    picker.showPicker();
  });
  picker.addEventListener("change", () => {
    if (picker.value) input.value = picker.value.split("-").reverse().join("/");
    input.focus();
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

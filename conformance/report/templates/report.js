"use strict";
// pytest-html draws the table of cases, and draws it anew after every click. This script dresses each drawing: outcomes
// in the suite's words, rows that open by keyboard, and links that lead to a case whatever the filters hide.
addEventListener("DOMContentLoaded", () => {
  const main = document.querySelector("main") || document.body;
  const table = () => document.getElementById("results-table");
  // The page holds every case for readers without scripts; here the evidence moves into the rows of the table.
  const plain = document.getElementById("plain-cases");
  const evidence = [...plain.querySelectorAll(".evidence")];
  const titles = [...plain.querySelectorAll("summary .case-title")].map((title) => title.textContent);
  evidence.forEach((part) => part.querySelectorAll("pre").forEach((pre) => (pre.tabIndex = 0)));
  const outcomes = [...plain.querySelectorAll("summary .outcome")];
  plain.remove();
  // The element to focus after the next drawing, as a function: the drawing makes new ones.
  let focus = () => null;

  const make = (name, attributes = {}, text = "") => {
    const element = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.textContent = text;
    return element;
  };

  const dressFilters = () => {
    document.querySelectorAll("input[data-test-result]").forEach((input) => {
      const words = input.nextElementSibling;
      const label = make("label", { class: `filter ${input.dataset.testResult}` });
      if (words.textContent.startsWith("0 ")) {
        label.hidden = true;
      }
      words.textContent = words.textContent.trim().replace(/,$/, "");
      input.replaceWith(label);
      label.append(input, words);
    });
    const search = make("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
    const found = make("span", { id: "found", role: "status" });
    const label = make("label", { class: "search", for: "search" }, "Find a case");
    label.append(search);
    document.querySelector(".controls").prepend(label);
    label.after(found);
    search.addEventListener("input", narrow);
  };

  const narrow = () => {
    const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...table().querySelectorAll("tbody[data-words]")];
    rows.forEach((row) => {
      row.hidden = !words.every((word) => row.dataset.words.includes(word));
    });
    const shown = rows.filter((row) => !row.hidden).length;
    const all = document.getElementById("cases").dataset.count;
    document.getElementById("found").textContent = `${shown} of ${all} shown`;
  };

  // Ids, separated by spaces, become links.
  const link = (place, kind) => {
    const names = place.textContent.split(" ").filter(Boolean);
    place.replaceChildren(...names.flatMap((name) => [make("a", { href: `#${kind}-${name}` }, name), " "]));
  };
  document.querySelectorAll(".links p").forEach((place) => link(place, "case"));
  document.querySelectorAll("details.list").forEach((list) => {
    list.addEventListener("toggle", () => link(list.querySelector("p"), list.dataset.kind), { once: true });
  });

  const dressLinks = (row, id) => {
    const about = row.querySelector(".col-requirements");
    link(about, "requirement");
    if (about.dataset.more) {
      about.append(make("span", { class: "more" }, `and ${about.dataset.more} more`));
    }
    if (row.querySelector(".case-title")) {
      row.querySelector(".col-links").append(make("a", { href: `#case-${id}`, "aria-label": `Link to the case ${id}` }, "#"));
    }
  };

  const dressRow = (row) => {
    const result = row.querySelector(".col-result");
    const name = row.querySelector(".col-testId");
    const details = row.querySelector(".extras-row");
    if (!result || !name.dataset.number) {
      return;
    }
    const id = name.textContent;
    const number = Number(name.dataset.number);
    row.id = `case-${id}`;
    row.dataset.words = `${id} ${titles[number]} ${row.querySelector(".col-requirements").textContent} ${outcomes[number].textContent}`.toLowerCase();
    const open = !details.classList.contains("hidden");
    details.hidden = !open;
    details.id = `details-${id}`;
    details.querySelector(".extraHTML").append(evidence[number]);
    const button = make("button", {
      type: "button",
      class: "toggle",
      "aria-expanded": String(open),
      "aria-controls": details.id,
    });
    button.append(make("span", { class: "case-id" }, id), make("span", { class: "case-title" }, titles[number]));
    name.replaceChildren(button);
    result.replaceChildren(outcomes[number]);
    dressLinks(row, id);
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      focus = () => document.getElementById(row.id)?.querySelector(".toggle");
      name.click();
    });
  };

  const dressHead = () => {
    table()
      .querySelectorAll("th.sortable")
      .forEach((cell) => {
        if (!cell.querySelector("button")) {
          cell.replaceChildren(make("button", { type: "button", class: "sort" }, cell.textContent));
        }
        const order = cell.classList.contains("asc") ? "ascending" : cell.classList.contains("desc") ? "descending" : "none";
        cell.setAttribute("aria-sort", order);
      });
  };

  const dress = () => {
    if (table().dataset.dressed) {
      return;
    }
    table().dataset.dressed = "yes";
    dressHead();
    table().querySelectorAll("tbody").forEach(dressRow);
    narrow();
    focus()?.focus({ preventScroll: true });
    focus = () => null;
  };

  const follow = () => {
    const target = decodeURIComponent(location.hash.slice(1));
    if (!target.startsWith("case-")) {
      const place = document.getElementById(target);
      for (let fold = place?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
        fold.open = true;
      }
      place?.scrollIntoView();
      return;
    }
    if (!document.getElementById(target)) {
      document.querySelectorAll("input[data-test-result]:not(:checked)").forEach((input) => input.click());
      dress();
    }
    const search = document.getElementById("search");
    if (search.value) {
      search.value = "";
      narrow();
    }
    const toggle = () => document.getElementById(target)?.querySelector(".toggle");
    if (toggle()?.getAttribute("aria-expanded") === "false") {
      toggle().click();
      dress();
    }
    toggle()?.focus({ preventScroll: true });
    document.getElementById(target)?.scrollIntoView();
  };

  // A click on a link or on selected text inside a row is no click on the row.
  main.addEventListener(
    "click",
    (event) => {
      if (event.target.closest("td:not(.extra) a") || (event.detail && event.target.closest("td") && String(getSelection()))) {
        event.stopPropagation();
      } else if (event.target.matches("td .outcome, td .outcome *")) {
        event.stopPropagation();
        event.target.closest("td").click();
      }
    },
    true,
  );
  // A button inside a sortable heading: the listener sits on the heading and asks which cell was clicked.
  main.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("th .sort");
      if (button) {
        event.stopPropagation();
        focus = () => button;
        button.parentElement.click();
      }
    },
    true,
  );

  // On a phone a table of the document in which nothing failed is folded.
  if (matchMedia("(max-width: 46rem)").matches) {
    document.querySelectorAll("details.sheet").forEach((sheet) => {
      sheet.open = Boolean(sheet.querySelector(".sign.failed"));
    });
  }

  const closed = [];
  addEventListener("beforeprint", () => {
    main.querySelectorAll("details:not([open], .list)").forEach((details) => {
      details.open = true;
      closed.push(details);
    });
  });
  addEventListener("afterprint", () => closed.splice(0).forEach((details) => (details.open = false)));

  document.getElementById("cases").dataset.count = table().querySelectorAll("tbody").length;
  dressFilters();
  dress();
  // pytest-html begins with what failed unfolded.
  document.getElementById("hide_all_details").click();
  dress();
  new MutationObserver(dress).observe(table().parentNode, { childList: true });
  addEventListener("hashchange", follow);
  // Not before the browser has looked for the fragment itself: it would take the focus away again.
  addEventListener("load", () => requestAnimationFrame(follow));
});

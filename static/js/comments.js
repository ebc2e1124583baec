// Who may be mentioned is offered while an @name is typed: arrows choose, Enter or Tab takes, Escape closes. Whoever
// types the name to its end needs none of it.

"use strict";

(() => {
  const BEGUN = /(?:^|[^\w@.+-])@([\w.@+-]{0,60})$/;
  const WAIT_MS = 120;
  let timer = null;

  const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
  const begun = (field) => BEGUN.exec(field.value.slice(0, field.selectionStart));
  const chosen = (list) => list.querySelector('[aria-selected="true"]');

  function close(field) {
    clearTimeout(timer);
    listOf(field).hidden = true;
    field.removeAttribute("aria-activedescendant");
  }

  function choose(field, option) {
    const list = listOf(field);
    for (const other of list.children) other.setAttribute("aria-selected", String(other === option));
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function offer(field) {
    const asked = begun(field);
    if (!asked) return close(field);
    const list = listOf(field);
    await htmx.ajax("GET", `${field.dataset.people}?q=${encodeURIComponent(asked[1])}`, { source: list, target: list, swap: "innerHTML" });
    if (begun(field)?.[1] !== asked[1] || document.activeElement !== field) return;
    list.hidden = list.children.length === 0;
    if (list.hidden) close(field);
    else choose(field, list.children[0]);
  }

  function take(field, option) {
    const asked = begun(field);
    const at = field.selectionStart - asked[1].length;
    field.setRangeText(`${option.dataset.name} `, at, field.selectionStart, "end");
    close(field);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.dataset?.people) return;
    clearTimeout(timer);
    if (begun(field)) timer = setTimeout(() => offer(field), WAIT_MS);
    else close(field);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.dataset?.people || listOf(field).hidden || event.isComposing) return;
    const option = chosen(listOf(field));
    const next = { ArrowDown: option.nextElementSibling ?? listOf(field).firstElementChild, ArrowUp: option.previousElementSibling ?? listOf(field).lastElementChild }[event.key];
    if (next) choose(field, next);
    else if (event.key === "Enter" || event.key === "Tab") take(field, option);
    else if (event.key === "Escape") close(field);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // Before the field loses the focus to the list.
  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest(".people > [role=option]");
    if (!option) return;
    event.preventDefault();
    take(document.querySelector(`[aria-controls="${option.parentElement.id}"]`), option);
  });
  // Who comes because of a mention is brought to it, once the thread is there.
  let comes = location.hash === "#comments";
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!comes || !event.detail.target.id.startsWith("talk-")) return;
    comes = false;
    const shown = [...document.querySelectorAll("#comments .remark[data-new]")].pop() ?? document.getElementById("comments");
    shown.scrollIntoView({ block: "center" });
  });

  document.addEventListener("focusout", (event) => { if (event.target.dataset?.people) close(event.target); });
})();

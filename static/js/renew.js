// hx-swap="renew": makes what is on the page like what has come, and leaves in place what stays. Whoever reads, tabs,
// presses or types there meanwhile keeps focus, caret, scroll, folds, ticks and words: the elements are still theirs.
//
// What a page fetches into itself ([data-fetched]) stays too: the server sends the empty place only.
// Children are paired by id (fields by name and value), others in their order with the next that is alike. A form
// that asks about another revision is a new form: nobody shall press a button about what they have not seen.

"use strict";

(() => {
  // What the page's own scripts and the person change, and the server does not know of.
  const THEIRS = new Set(["data-dirty", "data-started", "style"]);
  // What htmx has read when it met the element: with another value it is another element.
  const BINDING = (name) => name.startsWith("hx-") || ["href", "action", "method", "type"].includes(name);
  const IS_FIELD = (node) => ["INPUT", "TEXTAREA", "SELECT"].includes(node.nodeName);

  function keyOf(node) {
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    if (node.id) return `#${node.id}`;
    return node.nodeName === "INPUT" && ["checkbox", "radio"].includes(node.type) ? `${node.name}=${node.value}` : "";
  }

  const bindings = (node) =>
    [...node.attributes].filter(({ name }) => BINDING(name)).map(({ name, value }) => `${name}=${value}`).sort().join("\n");
  const revision = (node) => node.nodeName === "FORM" ? node.querySelector("[name=revision]")?.value : undefined;

  function isAlike(old, fresh) {
    if (old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) return false;
    if (old.nodeType !== Node.ELEMENT_NODE) return true;
    return bindings(old) === bindings(fresh) && revision(old) === revision(fresh);
  }

  function isTouched(field) {
    if (field.nodeName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    return field.type !== "hidden" && (field.value !== field.defaultValue || field === document.activeElement);
  }

  function renewField(field, fresh) {
    if (isTouched(field)) return;
    renewAttributes(field, fresh);
    if (field.nodeName === "SELECT") return renewChildren(field, fresh, []);
    if (field.nodeName === "TEXTAREA") field.defaultValue = fresh.defaultValue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = fresh.checked;
    else field.value = fresh.value;
  }

  function renewAttributes(old, fresh) {
    const isFold = old.nodeName === "DETAILS" || old.nodeName === "DIALOG";
    const isTheirs = (name) => THEIRS.has(name) || (isFold && name === "open");
    const working = [...old.classList].filter((name) => name.startsWith("htmx-"));
    for (const { name } of [...old.attributes]) if (!isTheirs(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (!isTheirs(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if (working.length) old.classList.add(...working);
  }

  function renewNode(old, fresh, added) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    } else if (IS_FIELD(old)) {
      renewField(old, fresh);
    } else {
      renewAttributes(old, fresh);
      if (!fresh.hasAttribute("data-fetched")) renewChildren(old, fresh, added);
    }
  }

  function partnerOf(fresh, cursor, keyed) {
    const key = keyOf(fresh);
    if (key) {
      const old = keyed.get(key);
      return old && isAlike(old, fresh) ? old : null;
    }
    for (let old = cursor; old; old = old.nextSibling) if (!keyOf(old) && isAlike(old, fresh)) return old;
    return null;
  }

  function renewChildren(parent, fresh, added) {
    const wanted = new Set([...fresh.childNodes].map(keyOf));
    for (const old of [...parent.children]) if (keyOf(old) && !wanted.has(keyOf(old))) old.remove();
    const keyed = new Map([...parent.children].map((old) => [keyOf(old), old]));
    let cursor = parent.firstChild;
    for (const node of [...fresh.childNodes]) {
      const partner = partnerOf(node, cursor, keyed);
      if (!partner) {
        parent.insertBefore(node, cursor);
        added.push(node);
        continue;
      }
      cursor = bringTo(parent, partner, cursor);
      renewNode(partner, node, added);
      cursor = partner.nextSibling;
    }
    while (cursor) {
      const next = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
  }

  // An element that is moved loses the focus: where it has it, what stands before it is moved instead.
  function bringTo(parent, partner, cursor) {
    if (partner === cursor) return cursor;
    if (!partner.contains(document.activeElement)) return parent.insertBefore(partner, cursor);
    while (cursor !== partner) {
      const next = cursor.nextSibling;
      parent.append(cursor);
      cursor = next;
    }
    return cursor;
  }

  htmx.defineExtension("renew", {
    handleSwap(style, target, fragment) {
      if (style !== "renew") return false;
      const added = [];
      renewChildren(target, fragment, added);
      return added;
    },
  });
})();

// Fields of forms: those that depend on others come and go, moments are told in the viewer's own zone.

"use strict";

function valuesOf(form, name) {
  return [...form.elements]
    .filter((control) => control.name === name && !control.disabled)
    .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
    .map((control) => control.value);
}

// In the order of the page: what depends on a field that is hidden is hidden too.
function showWhatCounts(form) {
  for (const field of form.querySelectorAll("[data-when]")) {
    const wanted = Object.entries(JSON.parse(field.dataset.when));
    const holds = wanted.every(([name, options]) => valuesOf(form, name).some((value) => options.includes(value)));
    field.hidden = !holds;
    for (const control of field.querySelectorAll("input, select, textarea")) control.disabled = !holds;
  }
}

// Until the server has heard of the device's zone, or the viewer has chosen one, it writes and reads moments in UTC.
function useOwnZone(root) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.body.dataset.zone) return;
  for (const field of root.querySelectorAll(".field:has([data-field-zone])")) {
    const [at, named] = [field.querySelector("[data-zoned]"), field.querySelector("[data-field-zone]")];
    if (named.value === "UTC" && zone !== "UTC") {
      if (at.value) at.value = local(new Date(`${at.value}Z`), at.value.length > 16);
      named.value = zone;
    }
    field.querySelector("[data-zone-name]").textContent = named.value.replaceAll("_", " ");
  }
}

function local(at, withSeconds) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return `${day}T${time}${withSeconds ? `:${two(at.getSeconds())}` : ""}`;
}

function prepareFields() {
  for (const form of document.forms) if (form.querySelector("[data-when]")) showWhatCounts(form);
  useOwnZone(document);
}

for (const happening of ["input", "change"]) {
  document.addEventListener(happening, (event) => {
    const form = event.target.form;
    if (form?.querySelector("[data-when]")) showWhatCounts(form);
  });
}

// A form that comes back says first what is wrong.
document.addEventListener("htmx:afterSettle", (event) => {
  prepareFields();
  const wrong = event.detail.elt?.querySelector?.("[data-wrong]");
  if (wrong) wrong.focus();
});

prepareFields();
document.querySelector("[data-wrong]")?.focus();

// What pages are made of: tables that keep focus while they are refreshed, forms, dialogs, messages.
import { h, replace, fresh_id, button } from "./dom.js";

// columns: { title, cell(row), sort (the API's field), number }
export function table({ caption, columns, key, empty = "Nothing here.", sort, on_sort }) {
    const head = h("tr", { role: "row" });
    const body = h("tbody", { role: "rowgroup" });
    const note = h("p", { class: "empty", hidden: true }, empty);
    const element = h("div", { class: "table" },
        // The roles say what a phone's layout would make a browser forget.
        h("table", { role: "table" }, h("caption", { class: "unseen" }, caption),
            h("thead", { role: "rowgroup" }, head), body), note);
    let shown = new Map();

    function draw_head() {
        replace(head, columns.map((column) => {
            const attributes = { role: "columnheader", scope: "col", class: column.number ? "number" : "" };
            if (!column.sort || !on_sort) {
                return h("th", attributes, column.title);
            }
            const current = sort.field === column.sort;
            attributes["aria-sort"] = current ? (sort.reverse ? "descending" : "ascending") : "none";
            const flip = () => {
                sort = { field: column.sort, reverse: current ? !sort.reverse : Boolean(column.number) };
                draw_head();
                head.querySelectorAll("th")[columns.indexOf(column)].querySelector("button").focus();
                on_sort(sort);
            };
            return h("th", attributes, h("button", { type: "button", class: "sort", onclick: flip }, column.title));
        }));
    }

    function row_element(row) {
        return h("tr", { role: "row" }, columns.map((column, i) => {
            const attributes = { "data-label": column.title, class: column.number ? "number" : "" };
            return i === 0 ? h("th", { role: "rowheader", scope: "row", ...attributes }, column.cell(row))
                : h("td", { role: "cell", ...attributes }, column.cell(row));
        }));
    }

    // Rows that did not change stay the elements that they are; the focus stays in the row and on the thing it was on.
    function update(rows) {
        const next = new Map();
        const active = body.contains(document.activeElement) ? document.activeElement : null;
        const focused = active ? [...shown].find(([, each]) => each.element.contains(active)) : null;
        const position = focused ? focusable(focused[1].element).indexOf(active) : -1;
        for (const row of rows) {
            const id = key(row), signature = JSON.stringify(row), old = shown.get(id);
            next.set(id, old?.signature === signature ? old : { signature, element: row_element(row) });
        }
        const wanted = [...next.values()].map((each) => each.element);
        if (wanted.length !== body.children.length || wanted.some((each, i) => each !== body.children[i])) {
            body.replaceChildren(...wanted);
            if (focused && next.has(focused[0])) {
                focusable(next.get(focused[0]).element)[position]?.focus({ preventScroll: true });
            }
        }
        shown = next;
        note.hidden = rows.length > 0;
    }

    const focusable = (element) => [...element.querySelectorAll("a, button, input, select, summary")];
    draw_head();
    return { element, update };
}

// fields: { name, label, type: text|password|number|textarea|select|checkbox|file, value, options, help, ... }
export function form({ fields, submit, on_submit, kind = "" }) {
    const error = h("p", { class: "error", role: "alert", hidden: true });
    const inputs = new Map();
    const rows = fields.map((field) => {
        const id = fresh_id("field");
        const input = input_of(field, id);
        inputs.set(field.name, { field, input });
        const help = field.help ? h("small", { id: `${id}-help` }, field.help) : null;
        if (help) {
            input.setAttribute("aria-describedby", help.id);
        }
        const label = h("label", { for: id }, field.label);
        return h("div", { class: `field ${field.type ?? "text"} ${field.wide ? "wide" : ""}` },
            field.type === "checkbox" ? [input, label] : [label, input], help);
    });
    const send = h("button", { type: "submit", class: "primary" }, submit);
    const element = h("form", { class: `form ${kind}`, onsubmit: handle }, rows, error,
        h("div", { class: "actions" }, send));

    async function handle(event) {
        event.preventDefault();
        error.hidden = true;
        try {
            await once(send, () => on_submit(values(), element));
        } catch (problem) {
            replace(error, problem.message);
            error.hidden = false;
        }
    }

    function values() {
        const result = {};
        for (const [name, { field, input }] of inputs) {
            result[name] = field.type === "checkbox" ? input.checked : field.type === "file" ? input.files[0]
                : input.value;
        }
        return result;
    }

    return element;
}

function input_of(field, id) {
    const common = { id, name: field.name, required: field.required, autocomplete: field.autocomplete ?? "off" };
    if (field.type === "select") {
        return h("select", common, field.options.map((option) => {
            const [value, title] = Array.isArray(option) ? option : [option, option];
            return h("option", { value, selected: value === field.value }, title);
        }));
    }
    if (field.type === "textarea") {
        return h("textarea", { ...common, rows: field.rows ?? 3, spellcheck: "false", placeholder: field.placeholder },
            field.value ?? "");
    }
    return h("input", { ...common, type: field.type ?? "text", value: field.type === "checkbox" ? null : field.value,
        checked: field.type === "checkbox" && field.value, placeholder: field.placeholder, min: field.min,
        max: field.max, spellcheck: "false", accept: field.accept });
}

export function section(title, ...children) {
    const id = fresh_id("section");
    return h("section", { class: "card", "aria-labelledby": id }, h("h2", { id }, title), children);
}

export function fold(title, ...children) {
    return h("details", { class: "card" }, h("summary", {}, title), h("div", { class: "folded" }, children));
}

export function facts(entries) {
    return h("dl", { class: "facts" }, entries.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export function badge(text, kind = "") {
    return h("span", { class: `badge ${kind}` }, text);
}

// Resolves to whether the person agreed.
export function confirm({ title, text, action }) {
    return new Promise((resolve) => {
        const id = fresh_id("dialog");
        const dialog = h("dialog", { "aria-labelledby": id },
            h("h2", { id }, title), h("p", {}, text),
            h("div", { class: "actions" },
                button("Cancel", () => dialog.close("")),
                button(action, () => dialog.close("yes"), "danger")));
        dialog.addEventListener("close", () => {
            dialog.remove();
            resolve(dialog.returnValue === "yes");
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}

let timer = 0;
export function say(text) {
    show("status", text);
    clearTimeout(timer);
    timer = setTimeout(() => show("status", ""), 6000);
}

export function complain(problem) {
    show("alert", problem === "" ? "" : problem.message ?? String(problem));
}

function show(id, text) {
    const place = document.getElementById(id);
    replace(place, text === "" ? [] : [h("span", {}, text), id === "alert"
        ? h("button", { type: "button", "aria-label": "Close message", onclick: () => replace(place) }, "×") : null]);
}

// A button that does something and tells how that went.
export function doing(text, action, kind = "") {
    const element = button(text, () => once(element, action).catch(complain), kind);
    return element;
}

// Not again while it runs. Not `disabled`, which would take the focus away from who uses a keyboard.
async function once(element, action) {
    if (element.ariaDisabled === "true") {
        return;
    }
    element.ariaDisabled = "true";
    try {
        await action();
    } finally {
        element.ariaDisabled = null;
    }
}

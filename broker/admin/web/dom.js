// Elements out of plain values. Every text becomes a text node: nothing that a name holds is ever read as HTML.

// h("a", { href: "#/", class: "x", onclick: f }, "text", [children], null)
export function h(tag, properties = {}, ...children) {
    return fill(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(element, properties, children) {
    for (const [name, value] of Object.entries(properties ?? {})) {
        if (name.startsWith("on")) {
            element.addEventListener(name.slice(2), value);
        } else if (value === true) {
            element.setAttribute(name, "");
        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(name, String(value));
        }
    }
    element.append(...nodes(children));
    return element;
}

function nodes(children) {
    return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
        .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

export function replace(element, ...children) {
    element.replaceChildren(...nodes(children));
    return element;
}

let ids = 0;
export function fresh_id(prefix = "id") {
    ids += 1;
    return `${prefix}-${ids}`;
}

// A place of this page: link("queues", vhost, name) is "#/queues/%2F/name".
export function place(...segments) {
    return "#/" + segments.map(encodeURIComponent).join("/");
}

export function link(text, ...segments) {
    return h("a", { href: place(...segments) }, text);
}

export function button(text, onclick, kind = "") {
    return h("button", { type: "button", class: kind, onclick }, text);
}

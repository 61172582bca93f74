// The neighbourhood of an exchange as a drawing: sources on the left, the exchange, destinations on the right. What it
// shows is in the tables below it, too; it is an addition for those who see.
import { h, place, replace, svg } from "./dom.js";
import { exchange_title } from "./format.js";

const BOX = { width: 190, height: 34, gap: 14 }, MIDDLE = 190, MOST = 20;

function grouped(bindings, end) {
    const groups = new Map();
    for (const binding of bindings) {
        const type = end === "source" ? "exchange" : binding.destination_type;
        const id = `${type} ${binding[end]}`;
        const group = groups.get(id) ?? { type, name: binding[end], keys: [] };
        group.keys.push(binding.routing_key);
        groups.set(id, group);
    }
    return [...groups.values()];
}

const cut = (text, size) => (text.length > size ? text.slice(0, size - 1) + "…" : text);

function box(vhost, { type, name }, x, y, own = false) {
    const title = type === "exchange" ? exchange_title(name) : name;
    return svg("a", { href: place(type, vhost, name) },
        svg("title", {}, `${type} ${title}`),
        svg("rect", { x, y, width: BOX.width, height: BOX.height, rx: type === "exchange" ? 17 : 6,
            class: own ? "node own" : `node ${type}` }),
        svg("text", { x: x + BOX.width / 2, y: y + 22, "text-anchor": "middle" }, cut(title, 24)));
}

// `at`: where the key is written, which is beside the end that is not shared, on the side where the line is not.
function line(from, to, keys, at) {
    const half = (to.x - from.x) / 2;
    const text = keys.filter((key) => key !== "").join(", ");
    const is_lower = at.y > (at === from ? to : from).y;
    return [svg("path", { class: "edge", d: `M${from.x} ${from.y}C${from.x + half} ${from.y} ${to.x - half} ${to.y} ` +
        `${to.x} ${to.y}` }),
    svg("text", { class: "key", x: at === from ? at.x + 8 : at.x - 8, y: at.y + (is_lower ? 14 : -6),
        "text-anchor": at === from ? "start" : "end" },
        svg("title", {}, text), cut(text, 26))];
}

export function binding_graph(element, vhost, name, incoming, outgoing) {
    const left = grouped(incoming, "source").slice(0, MOST), right = grouped(outgoing, "destination").slice(0, MOST);
    const signature = JSON.stringify([left, right]);
    if (element.dataset.shown === signature) {
        return;
    }
    element.dataset.shown = signature;
    const rows = Math.max(left.length, right.length, 1), step = BOX.height + BOX.gap;
    const height = rows * step + BOX.gap, centre = height / 2;
    const own_x = left.length > 0 ? BOX.width + MIDDLE + 10 : 10, right_x = own_x + BOX.width + MIDDLE;
    const place_of = (column, i) => centre - (column.length * step - BOX.gap) / 2 + i * step;
    const half = BOX.height / 2;
    const drawing = svg("svg", { class: "graph", width: right_x + BOX.width + 10, height, role: "group",
        "aria-label": "Bindings as a graph" },
    left.map((each, i) => {
        const from = { x: 10 + BOX.width, y: place_of(left, i) + half };
        return line(from, { x: own_x, y: centre }, each.keys, from);
    }),
    right.map((each, i) => {
        const to = { x: right_x, y: place_of(right, i) + half };
        return line({ x: own_x + BOX.width, y: centre }, to, each.keys, to);
    }),
    left.map((each, i) => box(vhost, each, 10, place_of(left, i))),
    box(vhost, { type: "exchange", name }, own_x, centre - half, true),
    right.map((each, i) => box(vhost, each, right_x, place_of(right, i))));
    const cut_off = grouped(incoming, "source").length > MOST || grouped(outgoing, "destination").length > MOST;
    replace(element, drawing, cut_off ? h("p", { class: "muted" }, `The first ${MOST} of each side are drawn.`) : null);
}

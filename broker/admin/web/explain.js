// Asks where a message would go, without sending it.
import * as api from "./api.js";
import { h, link, replace } from "./dom.js";
import { exchange_title, parse_arguments, value } from "./format.js";
import { badge, form } from "./parts.js";

function step(vhost, { source, via, destination, destination_type: type, routing_key: key, arguments: table }) {
    const said = Object.entries(table).map(([name, each]) => `${name} = ${value(each)}`).join(", ");
    return [link(exchange_title(source), "exchange", vhost, source),
        via === "binding" ? [" bound with ", h("code", {}, key || "no key"), said === "" ? null : [" ",
            h("code", {}, said)]] : ` by its ${via}`, " → ",
        type === "direct reply-to" ? destination : link(destination, type, vhost, destination)];
}

function answer(vhost, { queues, exchanges, complete }) {
    const notes = exchanges.flatMap(({ name, notes: each }) => each.map((note) =>
        h("li", {}, h("strong", {}, exchange_title(name)), ` ${note}`)));
    return [queues.length === 0 ? h("p", { class: "empty" }, "It reaches no queue.")
        : h("ul", { class: "routes", "aria-label": "Queues that it reaches" }, queues.map((queue) => h("li", {},
            h("strong", {}, queue.name), queue.by_chance ? [" ", badge("by chance", "warn")] : null,
            h("ol", {}, queue.path.map((each) => h("li", {}, step(vhost, each))))))),
    notes.length > 0 ? h("ul", { "aria-label": "What else happens" }, notes) : null,
    complete ? null : h("p", { class: "muted" }, "There are more ways than are shown.")];
}

export function explain_form({ vhost, exchange }) {
    const result = h("div", { class: "explained", role: "status" });
    return [form({ submit: "Explain", kind: "row", fields: [
        { name: "routing_key", label: "With the key" },
        { name: "headers", label: "With the headers", type: "textarea", rows: 2, help: "One a line: name = value." },
    ], on_submit: async (values) => {
        replace(result, answer(vhost, await api.post(api.exchange_path(vhost, exchange, "explain"), {
            routing_key: values.routing_key, headers: parse_arguments(values.headers) })));
    } }), result];
}

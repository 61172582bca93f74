// Bindings as a table with an unbind button, and the form that makes one.
import * as api from "./api.js";
import { h, link } from "./dom.js";
import { arguments_text, exchange_title, parse_arguments } from "./format.js";
import { doing, form, say, table } from "./parts.js";

function between(binding, ...rest) {
    const { vhost, source, destination, destination_type: type } = binding;
    return api.path("bindings", vhost, "e", source, type === "queue" ? "q" : "e", destination, ...rest);
}

// side: which end is shown, "source" or "destination".
export function binding_table({ caption, side, after }) {
    const end = (row) => (side === "source" ? link(exchange_title(row.source), "exchange", row.vhost, row.source)
        : link(row.destination, row.destination_type, row.vhost, row.destination));
    const columns = [
        { title: side === "source" ? "From" : "To", cell: (row) => [end(row), side === "destination" &&
            row.destination_type === "exchange" ? h("small", {}, "exchange") : null] },
        { title: "Routing key", cell: (row) => h("code", {}, row.routing_key) },
        { title: "Arguments", cell: (row) => (Object.keys(row.arguments).length === 0 ? null
            : h("code", { class: "lines" }, arguments_text(row.arguments))) },
        { title: "", cell: (row) => (row.source === "" ? h("small", {}, "always there") : doing("Unbind", async () => {
            await api.remove(between(row, row.properties_key));
            say("Unbound");
            after();
        }, "small")) },
    ];
    return table({ caption, columns, key: (row) => `${row.source} ${row.destination_type} ${row.destination} ` +
        row.properties_key, empty: "No bindings." });
}

// From a known source to something, or to a known queue from something.
export function binding_form({ vhost, source, queue, after }) {
    const fields = source !== undefined
        ? [{ name: "type", label: "To", type: "select", options: [["queue", "Queue"], ["exchange", "Exchange"]] },
            { name: "other", label: "Name", required: true }]
        : [{ name: "other", label: "From exchange", required: true }];
    fields.push({ name: "routing_key", label: "Routing key" }, { name: "arguments", label: "Arguments",
        type: "textarea", rows: 2, help: "One a line: name = value." });
    return form({ submit: "Bind", fields, on_submit: async (values, element) => {
        const binding = source !== undefined
            ? { vhost, source, destination: values.other, destination_type: values.type }
            : { vhost, source: values.other, destination: queue, destination_type: "queue" };
        await api.post(between(binding), { routing_key: values.routing_key,
            arguments: parse_arguments(values.arguments) });
        say("Bound");
        element.reset();
        after();
    } });
}

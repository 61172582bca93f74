// Queues: the list, and the form that declares one.
import * as api from "./api.js";
import { link } from "./dom.js";
import { bytes, count, parse_arguments, rate } from "./format.js";
import { features } from "./exchanges.js";
import { paged_list } from "./list.js";
import { badge, fold, form, say } from "./parts.js";
import { History } from "./rates.js";

export function queues(context) {
    const histories = new Map();
    const history = (row) => histories.get(`${row.vhost} ${row.name}`) ?? new History();
    const moved = (row, field) => rate(history(row).rate(row.message_stats, field));
    const columns = [
        { title: "Name", sort: "name", cell: (row) => link(row.name, "queue", row.vhost, row.name) },
        { title: "Virtual host", sort: "vhost", cell: (row) => row.vhost },
        { title: "Type", sort: "type", cell: (row) => row.type },
        { title: "Features", cell: (row) => [features(row), row.arguments["x-dead-letter-exchange"] !== undefined
            ? badge("dead-letters", "info") : null] },
        { title: "Ready", sort: "messages_ready", number: true, cell: (row) => count(row.messages_ready) },
        { title: "Unacked", sort: "messages_unacknowledged", number: true,
            cell: (row) => count(row.messages_unacknowledged) },
        { title: "Total", sort: "messages", number: true, cell: (row) => count(row.messages) },
        { title: "Size", sort: "message_bytes", number: true, cell: (row) => bytes(row.message_bytes) },
        { title: "Consumers", sort: "consumers", number: true, cell: (row) => count(row.consumers) },
        { title: "In", number: true, cell: (row) => moved(row, "publish") },
        { title: "Out", number: true, cell: (row) => moved(row, "deliver_get") },
    ];
    const list = paged_list(context, { caption: "Queues", columns, key: (row) => `${row.vhost} ${row.name}`,
        target: context.vhost ? api.path("queues", context.vhost) : "queues", empty: "No queues.",
        on_items: (items) => {
            for (const row of items) {
                const one = history(row);
                one.note(row.message_stats ?? {}, "publish");
                one.note(row.message_stats ?? {}, "deliver_get");
                histories.set(`${row.vhost} ${row.name}`, one);
            }
        } });
    const add = form({ submit: "Add queue", fields: [
        { name: "vhost", label: "Virtual host", type: "select", options: context.vhosts, value: context.vhost || "/" },
        { name: "name", label: "Name", required: true },
        { name: "type", label: "Type", type: "select", options: ["classic", "quorum"] },
        { name: "durable", label: "Durable", type: "checkbox", value: true },
        { name: "auto_delete", label: "Auto-delete", type: "checkbox" },
        { name: "ttl", label: "Message TTL (ms)", type: "number", min: 0 },
        { name: "length", label: "Most messages", type: "number", min: 0 },
        { name: "dlx", label: "Dead letter exchange" },
        { name: "dlk", label: "Dead letter routing key" },
        { name: "arguments", label: "More arguments", type: "textarea", wide: true, placeholder: "x-max-priority = 5",
            help: "One a line: name = value." },
    ], on_submit: async (values, element) => {
        await api.put(api.path("queues", values.vhost, values.name), { durable: values.durable,
            auto_delete: values.auto_delete, arguments: arguments_of(values) });
        say(`Queue ${values.name} added`);
        element.reset();
        list.refresh();
    } });
    return { title: "Queues", content: [list.element, fold("Add a queue", add)] };
}

function arguments_of(values) {
    const table = { "x-queue-type": values.type, ...parse_arguments(values.arguments) };
    const optional = { "x-message-ttl": values.ttl === "" ? "" : Number(values.ttl),
        "x-max-length": values.length === "" ? "" : Number(values.length),
        "x-dead-letter-exchange": values.dlx, "x-dead-letter-routing-key": values.dlk };
    for (const [name, each] of Object.entries(optional)) {
        if (each !== "") {
            table[name] = each;
        }
    }
    if (values.type === "classic") {
        delete table["x-queue-type"]; // it is the default, and would make a difference to who declares without it
    }
    return table;
}

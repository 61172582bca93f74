// Exchanges: the list, and one with its bindings, publishing and binding.
import * as api from "./api.js";
import { h, link, place, replace } from "./dom.js";
import { arguments_text, count, exchange_title, parse_arguments } from "./format.js";
import { binding_graph } from "./binding_graph.js";
import { binding_form, binding_table } from "./bindings.js";
import { explain_form } from "./explain.js";
import { paged_list } from "./list.js";
import { publish_form } from "./publish.js";
import { badge, confirm, doing, facts, fold, form, say, section } from "./parts.js";

const TYPES = ["direct", "fanout", "topic", "headers", "x-consistent-hash", "x-modulus-hash", "x-random",
    "x-local-random", "x-recent-history", "x-delayed-message", "x-message-deduplication"];

export function features(row) {
    return [row.durable ? badge("durable") : null, row.auto_delete ? badge("auto-delete") : null,
        row.internal ? badge("internal") : null, row.exclusive ? badge("exclusive") : null,
        row.policy ? badge(`policy ${row.policy}`, "info") : null];
}

export function exchanges(context) {
    const columns = [
        { title: "Name", sort: "name", cell: (row) => link(exchange_title(row.name), "exchange", row.vhost, row.name) },
        { title: "Virtual host", sort: "vhost", cell: (row) => row.vhost },
        { title: "Type", sort: "type", cell: (row) => row.type },
        { title: "Features", cell: features },
        { title: "Messages in", sort: "message_stats.publish_in", number: true,
            cell: (row) => count(row.message_stats?.publish_in ?? 0) },
        { title: "Messages out", sort: "message_stats.publish_out", number: true,
            cell: (row) => count(row.message_stats?.publish_out ?? 0) },
    ];
    const list = paged_list(context, { caption: "Exchanges", columns, key: (row) => `${row.vhost} ${row.name}`,
        target: context.vhost ? api.path("exchanges", context.vhost) : "exchanges" });
    const add = form({ submit: "Add exchange", fields: [
        { name: "vhost", label: "Virtual host", type: "select", options: context.vhosts, value: context.vhost || "/" },
        { name: "name", label: "Name", required: true },
        { name: "type", label: "Type", type: "select", options: TYPES, value: "direct" },
        { name: "durable", label: "Durable", type: "checkbox", value: true },
        { name: "auto_delete", label: "Auto-delete", type: "checkbox" },
        { name: "internal", label: "Internal", type: "checkbox" },
        { name: "arguments", label: "Arguments", type: "textarea", wide: true,
            placeholder: "alternate-exchange = unrouted", help: "One a line: name = value." },
    ], on_submit: async ({ vhost, name, ...rest }, element) => {
        await api.put(api.exchange_path(vhost, name), { ...rest, arguments: parse_arguments(rest.arguments) });
        say(`Exchange ${name} added`);
        element.reset();
        list.refresh();
    } });
    return { title: "Exchanges", content: [list.element, fold("Add an exchange", add)] };
}

export function exchange(context) {
    const [vhost, name] = context.segments;
    const about = h("div"), graph = h("div", { class: "scroll" });
    const outgoing = binding_table({ caption: "Bindings from this exchange", side: "destination",
        after: () => refresh() });
    const incoming = binding_table({ caption: "Bindings to this exchange", side: "source", after: () => refresh() });

    const refresh = context.poll(async () => {
        const one = await api.get(api.exchange_path(vhost, name));
        const from = await api.get(api.exchange_path(vhost, name, "bindings", "source"));
        const to = name === "" ? [] : await api.get(api.exchange_path(vhost, name, "bindings", "destination"));
        replace(about, facts([["Virtual host", vhost], ["Type", one.type], ["Features", features(one)],
            ["Arguments", arguments_text(one.arguments) || "none"],
            ["Messages in", count(one.message_stats?.publish_in ?? 0)],
            ["Messages out", count(one.message_stats?.publish_out ?? 0)]]));
        binding_graph(graph, vhost, name, to, from);
        outgoing.update(from);
        incoming.update(to);
    }, 5000);

    const own = name !== "";
    return { title: `Exchange ${exchange_title(name)}`, content: [
        h("div", { class: "two" }, section("Details", about),
            section("Publish a message", publish_form({ vhost, exchange: name }))),
        section("Bindings", graph, h("h3", {}, "From here"), outgoing.element,
            own ? [h("h3", {}, "To here"), incoming.element,
                h("h3", {}, "Add a binding from here"), binding_form({ vhost, source: name, after: refresh })] : null),
        section("Where would it go?", explain_form({ vhost, exchange: name })),
        own && !name.startsWith("amq.") ? section("Delete", doing("Delete exchange", async () => {
            if (await confirm({ title: "Delete this exchange?", text: name, action: "Delete exchange" })) {
                await api.remove(api.exchange_path(vhost, name));
                say("Exchange deleted");
                location.hash = place("exchanges");
            }
        }, "danger")) : null] };
}

// Virtual hosts: the list, and one with who may use it.
import * as api from "./api.js";
import { h, link, place, replace } from "./dom.js";
import { count } from "./format.js";
import { paged_list } from "./list.js";
import { badge, confirm, doing, facts, fold, form, say, section, table } from "./parts.js";

const changed = () => document.dispatchEvent(new Event("vhosts-changed"));

export function vhosts(context) {
    const list = paged_list(context, { caption: "Virtual hosts", target: "vhosts", key: (row) => row.name, columns: [
        { title: "Name", sort: "name", cell: (row) => link(row.name, "vhost", row.name) },
        { title: "Description", cell: (row) => row.description ?? "" },
        { title: "Tags", cell: (row) => (row.tags ?? []).map((tag) => badge(tag)) },
        { title: "Messages", sort: "messages", number: true, cell: (row) => count(row.messages) },
        { title: "Tracing", cell: (row) => (row.tracing ? badge("on", "warn") : "off") },
    ] });
    const add = form({ submit: "Add virtual host", fields: [
        { name: "name", label: "Name", required: true }, { name: "description", label: "Description" },
        { name: "tags", label: "Tags", help: "Separated by commas." },
        { name: "default_queue_type", label: "Default queue type", type: "select", options: ["classic", "quorum"] },
    ], on_submit: async ({ name, ...record }, element) => {
        await api.put(api.path("vhosts", name), record);
        say(`Virtual host ${name} added`);
        element.reset();
        changed();
        list.refresh();
    } });
    return { title: "Virtual hosts", content: [list.element,
        context.may("administrator") ? fold("Add a virtual host", add) : null] };
}

export function vhost(context) {
    const [name] = context.segments;
    const about = h("div");
    const rows = table({ caption: "Permissions", key: (row) => row.user, empty: "Nobody may use it.", columns: [
        { title: "User", cell: (row) => link(row.user, "user", row.user) },
        { title: "Configure", cell: (row) => row.configure }, { title: "Write", cell: (row) => row.write },
        { title: "Read", cell: (row) => row.read }] });
    const master = context.may("administrator");
    context.poll(async () => {
        const one = await api.get(api.path("vhosts", name));
        replace(about, facts([["Description", one.description || "–"], ["Tags", (one.tags ?? []).join(", ") || "–"],
            ["Default queue type", one.default_queue_type ?? "classic"], ["Messages", count(one.messages)],
            ["Tracing", one.tracing ? "on" : "off"],
            ["Protected from deletion", one.protected_from_deletion ? "yes" : "no"]]));
        if (master) {
            rows.update(await api.get(api.path("vhosts", name, "permissions")));
        }
    }, 5000);
    return { title: `Virtual host ${name}`, content: [section("Details", about),
        master ? section("Permissions", rows.element) : null,
        master ? section("Delete", doing("Delete virtual host", async () => {
            if (await confirm({ title: "Delete this virtual host?", action: "Delete virtual host",
                text: `${name}, with all its exchanges, queues and messages.` })) {
                await api.remove(api.path("vhosts", name));
                say("Virtual host deleted");
                changed();
                location.hash = place("vhosts");
            }
        }, "danger")) : null] };
}

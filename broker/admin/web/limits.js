// Limits of virtual hosts and of users.
import * as api from "./api.js";
import { count } from "./format.js";
import { doing, form, say, section, table } from "./parts.js";

function part(context, { kind, title, owner, names, owners }) {
    const rows = table({ caption: title, key: (row) => `${row.owner} ${row.name}`, empty: "No limits.", columns: [
        { title: owner === "vhost" ? "Virtual host" : "User", cell: (row) => row.owner },
        { title: "Limit", cell: (row) => row.name }, { title: "Value", number: true, cell: (row) => count(row.value) },
        { title: "", cell: (row) => doing("Clear", async () => {
            await api.remove(api.path(kind, row.owner, row.name));
            say("Limit cleared");
            refresh();
        }, "small") }] });
    const refresh = context.poll(async () => rows.update((await api.get(kind)).flatMap((entry) =>
        Object.entries(entry.value).map(([name, value]) => ({ owner: entry[owner], name, value })))), 5000);
    const set = form({ submit: "Set limit", fields: [
        owners ? { name: "owner", label: "Virtual host", type: "select", options: owners }
            : { name: "owner", label: "User", required: true },
        { name: "name", label: "Limit", type: "select", options: names },
        { name: "value", label: "Value", type: "number", required: true, min: -1, help: "-1: no limit." },
    ], on_submit: async ({ owner: whose, name, value }) => {
        await api.put(api.path(kind, whose, name), { value: Number(value) });
        say("Limit set");
        refresh();
    } });
    return section(title, rows.element, set);
}

export function limits(context) {
    return { title: "Limits", content: [
        part(context, { kind: "vhost-limits", title: "Virtual hosts", owner: "vhost", owners: context.vhosts,
            names: ["max-connections", "max-queues"] }),
        part(context, { kind: "user-limits", title: "Users", owner: "user",
            names: ["max-connections", "max-channels"] })] };
}

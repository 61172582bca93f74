// Users: the list, and one with his permissions.
import * as api from "./api.js";
import { link, place } from "./dom.js";
import { paged_list } from "./list.js";
import { badge, confirm, doing, fold, form, say, section, table } from "./parts.js";

const KEEP = "keep";
const TAGS = [["", "none (clients only)"], "management", "policymaker", "monitoring", "administrator"];

export function users(context) {
    const list = paged_list(context, { caption: "Users", target: "users", key: (row) => row.name, columns: [
        { title: "Name", sort: "name", cell: (row) => link(row.name, "user", row.name) },
        { title: "Tags", cell: (row) => row.tags.map((tag) => badge(tag, tag === "administrator" ? "info" : "")) },
        { title: "Password", cell: (row) => (row.password_hash === "" ? badge("none", "warn") : "set") },
    ] });
    const add = form({ submit: "Add user", fields: [
        { name: "name", label: "Name", required: true },
        { name: "password", label: "Password", type: "password", required: true, autocomplete: "new-password" },
        { name: "tags", label: "Tag", type: "select", options: TAGS },
    ], on_submit: async ({ name, password, tags }, element) => {
        await api.put(api.path("users", name), { password, tags });
        say(`User ${name} added`);
        element.reset();
        list.refresh();
    } });
    return { title: "Users", content: [list.element, fold("Add a user", add)] };
}

export function user(context) {
    const [name] = context.segments;
    const rows = table({ caption: "Permissions", key: (row) => row.vhost, empty: "May use no virtual host.", columns: [
        { title: "Virtual host", cell: (row) => link(row.vhost, "vhost", row.vhost) },
        { title: "Configure", cell: (row) => row.configure }, { title: "Write", cell: (row) => row.write },
        { title: "Read", cell: (row) => row.read },
        { title: "", cell: (row) => doing("Clear", async () => {
            await api.remove(api.path("permissions", row.vhost, name));
            say("Permissions cleared");
            refresh();
        }, "small") }] });
    const topics = table({ caption: "Topic permissions", key: (row) => `${row.vhost} ${row.exchange}`,
        empty: "No restrictions by routing key.", columns: [
            { title: "Virtual host", cell: (row) => row.vhost }, { title: "Exchange", cell: (row) => row.exchange },
            { title: "Write", cell: (row) => row.write }, { title: "Read", cell: (row) => row.read }] });
    const refresh = context.poll(async () => {
        rows.update(await api.get(api.path("users", name, "permissions")));
        topics.update(await api.get(api.path("users", name, "topic-permissions")));
    }, 5000);

    const grant = form({ submit: "Set permissions", fields: [
        { name: "vhost", label: "Virtual host", type: "select", options: context.vhosts, value: context.vhost || "/" },
        { name: "configure", label: "Configure", value: ".*", help: "A regular expression; empty: nothing." },
        { name: "write", label: "Write", value: ".*" }, { name: "read", label: "Read", value: ".*" },
    ], on_submit: async ({ vhost, ...patterns }) => {
        await api.put(api.path("permissions", vhost, name), patterns);
        say("Permissions set");
        refresh();
    } });
    const restrict = form({ submit: "Set topic permission", fields: [
        { name: "vhost", label: "Virtual host", type: "select", options: context.vhosts, value: context.vhost || "/" },
        { name: "exchange", label: "Topic exchange", required: true, value: "amq.topic" },
        { name: "write", label: "Write", value: ".*" }, { name: "read", label: "Read", value: ".*" },
    ], on_submit: async ({ vhost, ...patterns }) => {
        await api.put(api.path("topic-permissions", vhost, name), patterns);
        say("Topic permission set");
        refresh();
    } });
    const change = form({ submit: "Change user", fields: [
        { name: "password", label: "New password", type: "password", required: true, autocomplete: "new-password",
            help: "Ends the user's sessions on this page." },
        { name: "tags", label: "Tag", type: "select", options: [[KEEP, "as it is"], ...TAGS] },
    ], on_submit: async ({ password, tags }) => {
        const kept = tags === KEEP ? (await api.get(api.path("users", name))).tags : tags;
        await api.put(api.path("users", name), { password, tags: kept });
        say("User changed");
    } });
    return { title: `User ${name}`, content: [section("Permissions", rows.element, grant),
        section("Topic permissions", topics.element, restrict), section("Password and tag", change),
        section("Delete", doing("Delete user", async () => {
            if (await confirm({ title: "Delete this user?", text: `${name}; open connections are closed.`,
                action: "Delete user" })) {
                await api.remove(api.path("users", name));
                say("User deleted");
                location.hash = place("users");
            }
        }, "danger"))] };
}
